package sweep

// hears makes an event of the first contact, of another system; queued the same by
// the queue, which takes its time.
func hears(id, kind, data string) request {
	return post("/v1/events", `{"id":"`+id+`","type":"`+kind+`","at":"2026-01-02T09:30:00Z","contact":"$1","data":`+data+`}`).as(crm)
}

func queued(r request) request {
	r.method, r.path, r.token = send, "events", ""
	return r
}

var (
	hello   = hears("e1", "message.received", `{"channel":"telegram","text":"Hello","profile":{"displayName":"Mari","lastName":"Rossi"}}`)
	again   = hears("e2", "message.received", `{"channel":"telegram","text":"Hello again"}`)
	stopped = hears("e3", "message.received", `{"channel":"sms","text":"STOP"}`)
	account = post("/v1/channels", `{"channel":"telegram","name":"Support"}`)
)

// eventful are the operations by which events come in, and those on what they make.
func eventful() []operation {
	unplug := remove("/v1/contacts/$1/channels/telegram")
	return []operation{
		{name: "event/message", setup: []request{ada}, request: hello, status: 202, rival: beside},
		{name: "event/message that shows nothing", setup: []request{ada, hello}, request: again, status: 202, rival: beside},
		{name: "event/message by address", alike: true, setup: []request{ada}, request: request{
			method: "POST", path: "/v1/events", token: crm,
			body: `{"id":"e1","type":"message.received","at":"2026-01-02T09:30:00Z","contact":"email:ada@example.com","data":{"channel":"telegram","text":"Hello"}}`,
		}, status: 202, rival: beside},
		{name: "event/message that came before", alike: true, setup: []request{ada, hello}, request: hello, status: 202, rival: beside},
		{name: "event/message of a blocked one", setup: []request{ada, block}, request: again, status: 202, rival: beside},
		{name: "event/stop word", setup: []request{ada}, request: stopped, status: 202, rival: beside},
		{name: "event/stop word of a blocked one", alike: true, setup: []request{ada, block}, request: stopped, status: 202, rival: beside},
		{
			name: "event/message with a taken address", alike: true, setup: []request{ada, create(`{"email":"mari@example.com"}`), reject},
			request: hears("e4", "message.received", `{"channel":"sms","text":"Hello","profile":{"email":"mari@example.com"}}`), status: 202, rival: beside,
		},
		{name: "event/channel", alike: true, setup: []request{ada}, request: hears("e5", "channel.connected", `{"channel":"email","link":"https://mail.example/1"}`), status: 202, rival: beside},
		{name: "event/automation", alike: true, setup: []request{ada}, request: hears("e6", "automation.started", `{"automation":"a"}`), status: 202, rival: beside},
		{name: "event/automation of a blocked one", setup: []request{ada, block}, request: hears("e6", "automation.started", `{"automation":"a"}`), status: 202, rival: beside},
		{name: "event/of an unknown channel", alike: true, setup: []request{ada}, request: hears("e7", "channel.connected", `{"channel":"fax"}`), status: 400, rival: beside},
		{name: "event/of a deleted contact", alike: true, setup: []request{ada, remove("/v1/contacts/$1")}, request: hello, status: 410},
		{name: "event/by the queue", setup: []request{ada}, request: queued(hello), status: 202, rival: beside},
		{name: "event/by the queue, that shows nothing", setup: []request{ada, hello}, request: queued(again), status: 202, rival: beside},
		{name: "event/by the queue, that came before", setup: []request{ada, stopped}, request: queued(stopped), status: 202, rival: beside},
		{name: "event/delete a contact with messages", setup: []request{ada, hello, again}, request: remove("/v1/contacts/$1"), status: 204, rival: beside},
		{name: "event/block one that wrote", alike: true, setup: []request{ada, hello}, request: block, status: 200, rival: beside, want: object(`{"conversation":{"status":"closed","unread":true}}`)},

		{name: "channel/remove from a contact", setup: []request{ada, hello}, request: unplug, status: 204, rival: beside},
		{name: "channel/remove what it has not", alike: true, setup: []request{ada}, request: unplug, status: 404, rival: beside},
		{name: "channel/register", request: account, status: 201, want: object(`{"channel":"telegram","name":"Support","connected":true}`)},
		{name: "channel/change", setup: []request{account}, request: patch("/v1/channels/$1", `{"connected":false}`), status: 200, want: object(`{"connected":false}`)},
		{name: "channel/change as it is", alike: true, setup: []request{account}, request: patch("/v1/channels/$1", `{"name":"Support"}`), status: 200},
		{name: "channel/delete", setup: []request{account}, request: remove("/v1/channels/$1"), status: 204},
		{name: "channel/delete what is none", alike: true, request: remove("/v1/channels/none"), status: 404},
		{name: "event/message by an account", alike: true, setup: []request{ada, account}, request: hello, status: 202, rival: beside},
	}
}

// eventReads are what reads what events made; the setup of reads is before theirs.
func eventReads() []operation {
	came := []request{hello, again, block, stopped}
	all := []operation{
		{name: "message/list", request: list("/v1/contacts/$1/messages?limit=1")},
		{name: "message/list, those apart too", request: list("/v1/contacts/phone:+393514117320/messages?limit=1&includeBlocked=true")},
		{name: "channel/list of a contact", request: get("/v1/contacts/$1/channels")},
		{name: "channel/list", request: get("/v1/channels")},
		{name: "channel/reachability", request: get("/v1/contacts/$1/reachability")},
	}
	for i := range all {
		all[i].setup, all[i].status, all[i].rival = came, 200, beside
	}
	return all
}
