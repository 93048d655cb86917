package server

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"
)

// bodyBytes reads a body that is kept in memory. Of large ones only so many are
// there at a time, so that clients who send much, and slowly, cannot fill it:
// the others wait.
func (c *call) bodyBytes(limit int64) ([]byte, error) {
	tooLarge := wireErrorf("bad-request/request-body-too-large", "The request body is too large")
	if c.r.ContentLength > limit {
		return nil, tooLarge
	}
	body := http.MaxBytesReader(c.w, c.r.Body, limit)
	var b bytes.Buffer
	_, err := io.CopyN(&b, body, largeBody)
	if err == nil {
		if limit > largeBody {
			if err := c.takeRoom(); err != nil {
				return nil, err
			}
			c.expectBody()
		}
		_, err = io.Copy(&b, body)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, tooLarge
	case err != nil && !errors.Is(err, io.EOF):
		return nil, wireErrorf("bad-request/invalid-body", "The request body cannot be read")
	}
	c.bodyRead()
	return b.Bytes(), nil
}

// expectBody gives the body of a request its time. Without one nothing is to be
// read, and a deadline would end the request.
func (c *call) expectBody() {
	if c.r.ContentLength != 0 {
		c.unread = true
		c.readUntil(time.Now().Add(bodyTimeout))
	}
}

// bodyRead says that the body has come to its end.
func (c *call) bodyRead() {
	c.unread = false
	c.readUntil(time.Time{})
}

// hurry is for refusals: an answer is held back while what is left of the body
// of its request comes in, and nobody wants that.
func (c *call) hurry() {
	if c.unread {
		c.readUntil(time.Now().Add(restTimeout))
	}
}

func (c *call) readUntil(t time.Time) {
	_ = http.NewResponseController(c.w).SetReadDeadline(t) // a test recorder has none
}

// takeRoom waits for the turn of a large body.
func (c *call) takeRoom() error {
	t := time.NewTimer(bodyTimeout)
	defer t.Stop()
	select {
	case c.s.room <- struct{}{}:
		c.roomy = true
		return nil
	case <-t.C:
		return wireErrorf("rate-limited/too-many-concurrent-requests", "Too many large requests at a time")
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

// giveRoom ends the turn of a large body.
func (c *call) giveRoom() {
	if c.roomy {
		<-c.s.room
	}
}
