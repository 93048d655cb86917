package transfer

import (
	"encoding/json"
	"time"

	"ferry/backend"
)

// failure is a *backend.Error as the journal keeps it: everything that a card,
// an exit code or a decision needs. The chain of causes stays behind, as does
// what a login would have gone on with: either may hold a secret.
type failure struct {
	Class     backend.Class       `json:"class,omitempty"`
	Group     backend.ErrorGroup  `json:"group,omitempty"`
	Type      string              `json:"type,omitempty"`
	Status    int                 `json:"status,omitempty"`
	Title     string              `json:"title,omitempty"`
	Message   string              `json:"message,omitempty"`
	RequestID string              `json:"request_id,omitempty"`
	Op        string              `json:"op,omitempty"`
	Path      string              `json:"path,omitempty"`
	Host      string              `json:"host,omitempty"`
	Fields    map[string][]string `json:"fields,omitempty"`
	Wait      time.Duration       `json:"wait,omitempty"`
	Until     time.Time           `json:"until,omitzero"`
	Legal     []string            `json:"legal,omitempty"`
}

// keepError is the text that the journal keeps of an error; "" is none.
func keepError(err error) string {
	e := backend.AsError(err)
	if e == nil {
		return ""
	}
	b, jerr := json.Marshal(failure{
		Class: e.Class, Group: e.Group, Type: e.Type, Status: e.Status, Title: e.Title, Message: e.Message,
		RequestID: e.RequestID, Op: e.Op, Path: e.Path, Host: e.Host, Fields: e.Fields, Wait: e.Wait,
		Until: e.Until, Legal: e.Legal,
	})
	if jerr != nil { // a time that no calendar has
		return e.Error()
	}
	return string(b)
}

// keptError is the error of a text of the journal. What cannot be read is still
// a failure.
func keptError(text string) error {
	if text == "" {
		return nil
	}
	var f failure
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return errorFromText(text)
	}
	return &backend.Error{
		Class: f.Class, Group: f.Group, Type: f.Type, Status: f.Status, Title: f.Title, Message: f.Message,
		RequestID: f.RequestID, Op: f.Op, Path: f.Path, Host: f.Host, Fields: f.Fields, Wait: f.Wait,
		Until: f.Until, Legal: f.Legal,
	}
}
