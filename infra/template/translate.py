"""Prints template.yaml as the CloudFormation that SAM makes of it, for cfn-lint to look at.

    python infra/template/translate.py [template.yaml] > /tmp/cloudformation.json && cfn-lint /tmp/cloudformation.json

Run it with the Python that aws-sam-cli is installed in: it brings the translator. Nothing is sent anywhere; code that
would be uploaded is given an address that means nothing.
"""

import json
import sys

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

path = sys.argv[1] if len(sys.argv) > 1 else "template.yaml"
with open(path, encoding="utf-8") as source:
    template = yaml_parse(source.read())
for resource in template["Resources"].values():
    if resource["Type"] == "AWS::Serverless::Function":
        resource["Properties"]["CodeUri"] = "s3://bucket/function.zip"
session = boto3.Session(region_name="eu-west-1")
translated = Translator({}, Parser(), boto_session=session).translate(template, {})
json.dump(translated, sys.stdout, indent=2)
