package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// operation is one kind of request.
type operation struct {
	name string
	do   func(*bench, *client) error
}

// operations are measured in this order; the last ones change how many there are.
var operations = []operation{
	{"get", func(b *bench, c *client) error { return want(200)(c.do("GET", "/v1/contacts/"+b.any().id, "")) }},
	{"list50", func(b *bench, c *client) error { return want(200)(c.do("GET", "/v1/contacts?limit=50", "")) }},
	{"owner50", func(b *bench, c *client) error {
		return want(200)(c.do("GET", fmt.Sprintf("/v1/contacts?limit=50&owner=user_%d", rand.IntN(owners)), ""))
	}},
	{"tag50", func(b *bench, c *client) error {
		return want(200)(c.do("GET", fmt.Sprintf("/v1/contacts?limit=50&tag=segment_%d", rand.IntN(segments)), ""))
	}},
	{"find", func(b *bench, c *client) error {
		return want(200)(c.do("GET", "/v1/contacts/email:"+address(b.any().n), ""))
	}},
	{"patch", func(b *bench, c *client) error {
		return want(200)(c.do("PATCH", "/v1/contacts/"+b.any().id, fmt.Sprintf(`{"city":"City %d"}`, rand.IntN(1_000_000))))
	}},
	{"upsert", func(b *bench, c *client) error {
		return want(200)(c.do("PUT", "/v1/contacts/email:"+address(b.any().n), fmt.Sprintf(`{"department":"D%d"}`, rand.IntN(1_000_000))))
	}},
	{"tag", func(b *bench, c *client) error {
		return want(200)(c.do("POST", "/v1/contacts/"+b.any().id+"/tags", fmt.Sprintf(`{"tags":["label %d"]}`, rand.IntN(labels))))
	}},
	{"create", func(b *bench, c *client) error { return b.create(c, person) }},
	{"delete", func(b *bench, c *client) error { return want(204)(c.do("DELETE", "/v1/contacts/"+b.pop(), "")) }},
}

const (
	// owners is among how many users the contacts are divided.
	owners = 50
	// segments are the tags that one contact in ten is given from the beginning,
	// one each; labels those that are given while that is measured.
	segments, labels = 20, 1000
)

func want(status int) func(int, []byte, error) error {
	return func(got int, body []byte, err error) error {
		if err == nil && got != status {
			err = fmt.Errorf("answered %d: %s", got, body)
		}
		return err
	}
}

// any is some contact.
func (b *bench) any() someone {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.people[rand.IntN(len(b.people))]
}

// pop takes a contact off the list, so that nobody else asks for it.
func (b *bench) pop() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := len(b.people) - 1
	gone := b.people[last]
	b.people = b.people[:last]
	return gone.id
}

// member is the i-th contact as it is made before anything is measured.
func member(i int64) string {
	if i%10 > 0 {
		return person(i)
	}
	return strings.TrimSuffix(person(i), "}") + fmt.Sprintf(`,"tags":["segment_%d"]}`, i/10%segments)
}

const addressForm = "person.%d@mail.example.com"

func address(i int64) string { return fmt.Sprintf(addressForm, i) }

// person is the body of the i-th contact: about what a contact has.
func person(i int64) string {
	return fmt.Sprintf(`{"firstName":"Maria Grazia","lastName":"Rossi %d","email":"%s","phone":"+39351%07d",`+
		`"streetAddress":"Via Po %d","city":"Torino","state":"TO","postalCode":"10124","source":"web form","type":"lead",`+
		`"businessName":"Rossi %d srl","website":"https://rossi.example","timezone":"Europe/Rome","language":"it","owner":"user_%d"}`,
		i, address(i), i%10_000_000, i%300, i, i%owners)
}
