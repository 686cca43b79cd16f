package presence

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a system with input of its own, and who is told.
type fake struct {
	known  bool
	mu     sync.Mutex
	input  time.Time
	asked  int
	told   []bool
	locked []bool
}

func (f *fake) Idle() (time.Duration, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	return time.Since(f.input), f.known
}

func (f *fake) tell(here bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, here)
}

// so gives what was told so far.
func (f *fake) so() []bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.told)
}

// act is input in another program.
func (f *fake) act() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.input = time.Now()
}

func watch(f *fake) *Watch {
	return New(f, f.tell, func(l bool) { f.locked = append(f.locked, l) }, time.Now)
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		w := watch(f)
		defer w.Close()
		time.Sleep(IdleAfter - time.Second)
		synctest.Wait()
		w.Input()
		time.Sleep(IdleAfter - time.Second)
		synctest.Wait()
		if !slices.Equal(f.so(), []bool{true}) {
			t.Fatalf("with input told %v", f.so())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !slices.Equal(f.so(), []bool{true, false}) {
			t.Fatalf("without input told %v", f.so())
		}
		w.Input()
		if !slices.Equal(f.so(), []bool{true, false, true}) {
			t.Errorf("back again told %v", f.so())
		}
	})
}

func TestInputElsewhereIsInput(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{known: true}
		w := watch(f)
		defer w.Close()
		time.Sleep(IdleAfter - time.Minute)
		f.act()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if !slices.Equal(f.so(), []bool{true}) {
			t.Fatalf("told %v with input in another window", f.so())
		}
		time.Sleep(IdleAfter)
		synctest.Wait()
		if !slices.Equal(f.so(), []bool{true, false}) {
			t.Fatalf("told %v", f.so())
		}
		f.act()
		time.Sleep(awayLook)
		synctest.Wait()
		if !slices.Equal(f.so(), []bool{true, false, true}) {
			t.Errorf("told %v after somebody came back to another window", f.so())
		}
	})
}

func TestLockedIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{known: true, input: time.Now()}
		w := watch(f)
		w.Lock(true)
		w.Lock(true)
		w.Input() // a cat
		w.Lock(false)
		w.Close()
		w.Lock(true)
		if !slices.Equal(f.so(), []bool{true, false, true}) || !slices.Equal(f.locked, []bool{true, false, true}) {
			t.Errorf("told %v, locked %v", f.so(), f.locked)
		}
	})
}

func TestAwayByChoice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		w := watch(f)
		w.Choose(true)
		w.Input()
		if !w.Chosen() || !slices.Equal(f.so(), []bool{true, false}) {
			t.Errorf("told %v", f.so())
		}
		w.Choose(false)
		if !slices.Equal(f.so(), []bool{true, false, true}) {
			t.Errorf("told %v", f.so())
		}
		w.Close()
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(f.so()) != 3 {
			t.Errorf("told %v after the end", f.so())
		}
	})
}
