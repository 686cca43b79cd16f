package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"recado/app/wire"
)

// replay reads the first entries of the fullest reader's feed over one new connection.
func (run *loadRun) replay(ctx context.Context) error {
	reader := run.people[4]
	if err := run.topUp(ctx, reader); err != nil {
		return err
	}
	now, err := newest(ctx, reader)
	if err != nil {
		return err
	}
	at, err := wire.ParseCursor(now)
	if err != nil {
		return err
	}
	at.Number = 0
	var times []time.Duration
	for range 5 {
		took, err := replayOnce(ctx, reader, at.String())
		if err != nil {
			return err
		}
		times = append(times, took)
	}
	run.say("replay of 10,000", "%s ms from the request to the last entry", spreadOf(times))
	return nil
}

// topUp posts what is missing for a feed to hold enough entries.
func (run *loadRun) topUp(ctx context.Context, reader *Speaker) error {
	head, err := reader.head(ctx)
	if err != nil || head >= replayed {
		return err
	}
	lanes := make([]*lane, 8)
	for i := range lanes {
		if lanes[i], err = run.openLane(ctx, run.people[i%4], reader, replayed/len(lanes)); err != nil {
			return err
		}
		defer lanes[i].conn.Close()
	}
	return together(lanes, func(l *lane) error { return l.write(ctx, time.Now().Add(time.Minute), 0) })
}

// replayOnce checks the entries after they were timed: each must follow the one before.
func replayOnce(ctx context.Context, reader *Speaker, from string) (time.Duration, error) {
	began := time.Now()
	st, err := openStream(ctx, reader, from)
	if err != nil {
		return 0, err
	}
	defer st.conn.Close()
	st.conn.SetDeadline(time.Now().Add(arrival))
	data := make([][]byte, 0, replayed)
	for last := int64(0); last < replayed; {
		e, err := st.next()
		if err != nil {
			return 0, err
		}
		if len(e.id) == 0 {
			continue
		}
		if last++; e.number() != last {
			return 0, fmt.Errorf("entry %s stands where %d should", e.id, last)
		}
		data = append(data, e.data)
	}
	took := time.Since(began)
	for i, d := range data {
		var a arrived
		if err := json.Unmarshal(d, &a); err != nil || a.Number != int64(i)+1 {
			return 0, fmt.Errorf("entry %d is not what its id says: %w", i+1, err)
		}
	}
	return took, nil
}

// fanOut posts to one conversation of everybody, each with a stream, and waits for the last to have it.
func (run *loadRun) fanOut(ctx context.Context) error {
	lane, streams, err := run.gather(ctx)
	defer closeStreams(streams)
	if err != nil {
		return err
	}
	defer lane.conn.Close()
	var wg sync.WaitGroup
	arrived := make(chan error, len(streams))
	for _, st := range streams {
		st.conn.SetDeadline(time.Now().Add(2 * time.Minute))
		wg.Go(func() { st.count(arrived, fanOuts) })
	}
	times := make([]time.Duration, 0, fanOuts)
	for range fanOuts {
		began := time.Now()
		if err := lane.postNext(); err != nil {
			return err
		}
		for range streams {
			if err := <-arrived; err != nil {
				return err
			}
		}
		times = append(times, time.Since(began))
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	run.say(fmt.Sprintf("to %d streams", len(streams)), "%s ms until the last has it", spreadOf(times))
	closeStreams(streams)
	wg.Wait()
	return nil
}

// gather starts the conversation of everybody and opens a stream for each.
func (run *loadRun) gather(ctx context.Context) (*lane, []*rawStream, error) {
	author := run.people[0]
	var others []string
	for _, p := range run.people[1:] {
		others = append(others, p.Person.ID)
	}
	v, err := author.start(ctx, newKey(), "the first", others...)
	if err != nil {
		return nil, nil, err
	}
	streams := make([]*rawStream, len(run.people))
	err = spreadWork(len(streams), func(i int) (err error) {
		streams[i], err = openNewest(ctx, run.people[i])
		return err
	})
	if err != nil {
		return nil, streams, err
	}
	conn, err := dial(ctx, author.Base)
	if err != nil {
		return nil, streams, err
	}
	return newLane(author, author, v.ID, conn, fanOuts), streams, nil
}

// count reports each entry that follows the one before, until it has read n.
func (st *rawStream) count(arrived chan<- error, n int) {
	last := st.after
	for n > 0 {
		e, err := st.next()
		if err == nil && len(e.id) == 0 {
			continue
		}
		if err == nil {
			if last++; e.number() != last {
				err = fmt.Errorf("entry %s stands where %d should", e.id, last)
			}
		}
		arrived <- err
		if err != nil {
			return
		}
		n--
	}
}

func closeStreams(streams []*rawStream) {
	for _, st := range streams {
		if st != nil {
			st.conn.Close()
		}
	}
}

// idle opens streams on a server that has just started, and looks what each costs it.
func (run *loadRun) idle(ctx context.Context) error {
	cursors := make([]string, len(run.people))
	err := spreadWork(len(run.people), func(i int) (err error) {
		cursors[i], err = newest(ctx, run.people[i])
		return err
	})
	if err != nil {
		return err
	}
	run.Program.Stop()
	if err := run.Program.Start(ctx); err != nil {
		return err
	}
	before := run.Program.memory()
	streams := make([]*rawStream, run.Streams)
	defer closeStreams(streams)
	began := time.Now()
	err = spreadWork(len(streams), func(i int) (err error) {
		streams[i], err = openStream(ctx, run.people[i%len(run.people)], cursors[i%len(cursors)])
		return err
	})
	if err != nil {
		return fmt.Errorf("open %d streams (are there sockets enough? ulimit -n): %w", run.Streams, err)
	}
	took, worked := time.Since(began), run.Program.cpu()
	const quiet = 5 * time.Second
	if err := wait(ctx, quiet); err != nil {
		return err
	}
	each := float64(run.Program.memory()-before) / float64(len(streams)) / 1e3
	run.say(fmt.Sprintf("%d idle streams", len(streams)), "%.1f kB each, %.1f %% of one core; opened in %.1f s", each,
		100*float64(run.Program.cpu()-worked)/float64(quiet), took.Seconds())
	return nil
}
