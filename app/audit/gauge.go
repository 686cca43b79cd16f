package audit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// spread is the median and the 99th percentile.
type spread struct{ p50, p99 time.Duration }

func spreadOf(times []time.Duration) spread {
	if len(times) == 0 {
		return spread{}
	}
	slices.Sort(times)
	return spread{times[len(times)/2], times[len(times)*99/100]}
}

// String gives both in milliseconds.
func (s spread) String() string {
	return fmt.Sprintf("%.2f / %.2f", s.p50.Seconds()*1e3, s.p99.Seconds()*1e3)
}

// diskTimes makes 4 KiB durable again and again in dir, as a commit does, and gives median and 99th percentile in
// milliseconds; zeros where the folder can't be written.
func diskTimes(dir string) (p50, p99 float64) {
	f, err := os.CreateTemp(dir, "disk-*")
	if err != nil {
		return 0, 0
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4096)
	f.Write(page)
	f.Sync()
	times := make([]time.Duration, 0, 100)
	for range cap(times) {
		began := time.Now()
		if _, err := f.WriteAt(page, 0); err != nil {
			return 0, 0
		}
		if err := syncData(f); err != nil {
			return 0, 0
		}
		times = append(times, time.Since(began))
	}
	s := spreadOf(times)
	return s.p50.Seconds() * 1e3, s.p99.Seconds() * 1e3
}

// memory is what the server holds in memory, in bytes; 0 where the system does not say (it is asked of /proc).
func (p *Program) memory() int64 {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid()), "status"))
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(b) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmRSS:")); ok {
			kb, _ := strconv.ParseInt(strings.Fields(string(rest))[0], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// ticks is the unit in which Linux counts a process's time.
const tick = 10 * time.Millisecond

// cpu is the time the server has worked so far, in user and system together; 0 where the system does not say.
func (p *Program) cpu() time.Duration {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid()), "stat"))
	if err != nil {
		return 0
	}
	// The name, in parentheses, may hold anything; the fields after it are counted from 3.
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick
}

func megabytes(n int64) string {
	if n == 0 {
		return "unknown on this system"
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
