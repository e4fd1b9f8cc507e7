package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
)

// engine is a server of somebody else's making that can be fetched and run.
type engine struct {
	// name is its folder, version included: another version is another folder.
	name string
	// variable is what tells the command the engine's address.
	variable string
	// needs is the program that fetch takes.
	needs string
	// fetch returns the command that fills the folder; it may put files there.
	fetch func(folder string) ([]string, error)
	// serve returns the command that serves on a port of the loopback interface.
	serve func(folder string, port int) []string
}

func engines() []engine { return []engine{dynoxide(), elasticMQ()} }

// dynoxide is DynamoDB over SQLite, in Rust (crate dynoxide-rs).
func dynoxide() engine {
	const version = "3.2.0"
	return engine{
		name: "dynoxide-" + version, variable: "RUBRICA_DYNAMODB", needs: "cargo",
		fetch: func(folder string) ([]string, error) {
			return []string{"cargo", "install", "dynoxide-rs", "--version", version, "--locked",
				"--no-default-features", "--features", "native-sqlite,http-server,cli", "--root", folder}, nil
		},
		serve: func(folder string, port int) []string {
			return []string{filepath.Join(folder, "bin", "dynoxide"), "serve", "--host", "127.0.0.1", "-p", fmt.Sprint(port)}
		},
	}
}

// elasticMQ is SQS on the JVM (org.elasticmq:elasticmq-server).
func elasticMQ() engine {
	const version = "1.7.1"
	return engine{
		name: "elasticmq-" + version, variable: "RUBRICA_SQS", needs: "mvn",
		fetch: func(folder string) ([]string, error) {
			pom := filepath.Join(folder, "pom.xml")
			if err := writePOM(pom, dependency{"org.elasticmq", "elasticmq-server_2.13", version}); err != nil {
				return nil, err
			}
			return []string{"mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies",
				"-DoutputDirectory=" + filepath.Join(folder, "lib"), "-DincludeScope=runtime"}, nil
		},
		serve: func(folder string, port int) []string {
			return []string{"java", "-Xmx256m",
				"-Drest-sqs.bind-hostname=127.0.0.1", fmt.Sprintf("-Drest-sqs.bind-port=%d", port),
				// What the URLs of queues begin with.
				"-Dnode-address.host=127.0.0.1", fmt.Sprintf("-Dnode-address.port=%d", port),
				"-Drest-stats.enabled=false",
				"-cp", filepath.Join(folder, "lib", "*"), "org.elasticmq.server.Main"}
		},
	}
}

type dependency struct {
	GroupID    string `xml:"groupId"`
	ArtifactID string `xml:"artifactId"`
	Version    string `xml:"version"`
}

// writePOM writes a project that is nothing but its dependency.
func writePOM(file string, d dependency) error {
	type project struct {
		XMLName      xml.Name     `xml:"project"`
		ModelVersion string       `xml:"modelVersion"`
		GroupID      string       `xml:"groupId"`
		ArtifactID   string       `xml:"artifactId"`
		Version      string       `xml:"version"`
		Dependencies []dependency `xml:"dependencies>dependency"`
	}
	b, err := xml.MarshalIndent(project{
		ModelVersion: "4.0.0", GroupID: "rubrica", ArtifactID: "engine", Version: "1", Dependencies: []dependency{d},
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}
