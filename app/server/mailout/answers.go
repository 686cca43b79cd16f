package mailout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"
	"syscall"
)

// lost tells that the server is gone, or says it is going (421), from a server that refuses.
func lost(err error) bool {
	var said *textproto.Error
	return !errors.As(err, &said) || said.Code == 421
}

// failed says what an error before the final dot means. 530 asks for a sign-in: an admin can put that right.
func failed(err error) Result {
	var said *textproto.Error
	switch {
	case errors.As(err, &said) && said.Code >= 500 && said.Code != 530:
		return Result{Outcome: Refused, Code: said.Code, Detail: oneLine(said.Msg)}
	case errors.As(err, &said):
		return Result{Outcome: Later, Code: said.Code, Detail: oneLine(said.Msg), Away: said.Code == 421 || said.Code == 530}
	}
	return Result{Outcome: Later, Detail: Sentence(err), Away: true}
}

// Sentence says to a person what went wrong between us and a mail server.
func Sentence(err error) string {
	var timed net.Error
	var op *net.OpError
	var name *net.DNSError
	var said textproto.ProtocolError
	switch {
	case errors.As(err, &name):
		return "There is no mail server of the name " + oneLine(name.Name) + "."
	case errors.As(err, &timed) && timed.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "The mail server did not answer in time."
	case errors.As(err, &op) && op.Op == "dial" && op.Addr != nil:
		host, port, _ := net.SplitHostPort(op.Addr.String())
		return fmt.Sprintf("Nobody answers at %s on port %s.", host, port)
	case errors.As(err, &said):
		return "The mail server answered something that is not SMTP."
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return "The mail server ended the connection."
	}
	return oneLine(err.Error())
}

// queueID finds the id in "Ok: queued as 4F2A1" and its like.
func queueID(said string) string {
	words := strings.Fields(said)
	for i, word := range words {
		if i == 0 {
			continue
		}
		if before := strings.ToLower(words[i-1]); before == "as" || before == "id" || strings.HasPrefix(word, "id=") && len(word) > 3 {
			return strings.Trim(strings.TrimPrefix(word, "id="), "<>.,")
		}
	}
	return ""
}
