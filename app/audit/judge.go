package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"recado/app/client"
	"recado/app/wire"
)

// judge compares every place with what was acknowledged, once everything has arrived.
func (run *crashRun) judge(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*settle)
	defer cancel()
	for i, c := range run.clients {
		if err := awaitClient(ctx, c, 0); err != nil {
			return fmt.Errorf("%s: the outbox: %w", run.team[i].Email, err)
		}
	}
	for i := range run.team {
		if err := run.gatherTyped(ctx, i); err != nil {
			return err
		}
	}
	for body, times := range run.typed {
		if times != 1 {
			run.find("a message of an outbox stands %d times at the server (%s)", times, strings.TrimPrefix(body, "by outbox "))
		}
	}
	resumed := 0
	for i := range run.team {
		n, err := run.judgePerson(ctx, i)
		if err != nil {
			return err
		}
		resumed += n
	}
	if out, err := run.Program.Run(ctx, "check"); err != nil {
		run.find("%v %s", err, out)
	}
	fmt.Fprintf(run.Log, "%d messages, %d of them by outboxes; %d kills, %d streams resumed; %d things wrong\n",
		len(run.acknowledged), len(run.typed), run.kills, resumed, len(run.findings))
	return listed(run.findings)
}

// listed is an error with the first of the things that are wrong, or nil.
func listed(wrong []string) error {
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%d things are wrong:\n  %s", len(wrong), strings.Join(wrong[:min(len(wrong), 20)], "\n  "))
}

// gatherTyped counts what a person's outbox brought to the server: from here on it is acknowledged like the rest.
func (run *crashRun) gatherTyped(ctx context.Context, i int) error {
	s := run.team[i]
	head, err := s.head(ctx)
	if err != nil {
		return err
	}
	r, err := s.reread(ctx, head)
	if err != nil {
		return err
	}
	for _, m := range r.told {
		if _, ours := run.typed[m.Body]; ours && m.Author == s.Person.ID {
			run.typed[m.Body]++
			run.acknowledged[m.ID] = factOf(m)
		}
	}
	return nil
}

func (run *crashRun) judgePerson(ctx context.Context, i int) (resumed int, err error) {
	s, expected := run.team[i], run.expected(run.team[i].Person.ID)
	head, err := s.head(ctx)
	if err != nil {
		return 0, err
	}
	if err := run.readers[i].await(ctx, head); err != nil {
		return 0, err
	}
	anew, err := s.reread(ctx, head)
	if err != nil {
		return 0, err
	}
	for name, r := range map[string]*Reader{"feed, followed": run.readers[i], "feed, read anew": anew} {
		told, findings, times := r.result()
		resumed += times
		run.findings = append(run.findings, findings...)
		run.findings = append(run.findings, verify(s.Email+" ("+name+")", told, expected)...)
	}
	if err := awaitClient(ctx, run.clients[i], head); err != nil {
		return 0, fmt.Errorf("%s: the client: %w", s.Email, err)
	}
	cached, err := cacheOf(ctx, run.clients[i], run.conversations)
	if err != nil {
		return 0, err
	}
	run.findings = append(run.findings, verify(s.Email+" (cache)", cached, expected)...)
	return resumed, nil
}

// awaitClient waits until a client's outbox is empty and its cache holds the feed up to head.
func awaitClient(ctx context.Context, c *client.Client, head int64) error {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		at := c.Connection()
		if at.State == "connected" && at.Waiting == 0 && at.UpTo >= head && at.Filling == nil && !at.Gap {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("%s, %d waiting, up to %d of %d, gap %v, problem %q: %w",
				at.State, at.Waiting, at.UpTo, head, at.Gap, at.Problem, ctx.Err())
		}
	}
}

// cacheOf reads what a client holds of some conversations, in their order. One it does not know holds nothing.
func cacheOf(ctx context.Context, c *client.Client, of []wire.Conversation) (all []wire.Message, err error) {
	for _, v := range of {
		var after int64
		for first := true; ; first = false {
			page, err := olderFirst(ctx, c, v.ID, after, first)
			var refused *client.Error
			if errors.As(err, &refused) && refused.Code == "not-found" {
				break
			}
			if err != nil {
				return nil, err
			}
			for _, m := range page.Items {
				all = append(all, wire.Message{ID: m.ID, Conversation: m.Conversation, Number: m.Number, Author: m.Author, Body: m.Body})
				after = m.Number
			}
			if !page.HasNewer || len(page.Items) == 0 {
				break
			}
		}
	}
	return all, nil
}

// olderFirst pages upwards from the first message: before 2 is the first one, as 0 would mean the newest.
func olderFirst(ctx context.Context, c *client.Client, conversation string, after int64, first bool) (client.MessagePage, error) {
	if first {
		return c.Messages(ctx, conversation, 2, 0, 200)
	}
	return c.Messages(ctx, conversation, 0, after, 200)
}
