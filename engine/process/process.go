// Package process runs child processes that never outlive the program that started them.
package process

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Grace is how long an interrupted process may clean up before it is killed.
const Grace = 5 * time.Second

var running = struct {
	sync.Mutex
	groups map[int]struct{}
}{groups: map[int]struct{}{}}

// Run starts the command as the leader of a process group of its own and waits for it. When the context ends,
// the whole group gets the signal, and SIGKILL if it is still there after the grace.
func Run(ctx context.Context, cmd *exec.Cmd, signal syscall.Signal) error {
	// The kernel sends Pdeathsig when the thread that started the child ends, so that thread must stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	group, err := start(ctx, cmd)
	if err != nil {
		return err
	}
	defer func() {
		running.Lock()
		delete(running.groups, group)
		running.Unlock()
	}()

	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	_ = syscall.Kill(-group, signal)
	// Members that outlive their leader, or the grace, are killed.
	kill := func() { _ = syscall.Kill(-group, syscall.SIGKILL) }
	defer kill()
	select {
	case err = <-done:
	case <-time.After(Grace):
		kill()
		err = <-done
	}
	if err == nil {
		err = ctx.Err()
	}
	return err
}

func start(ctx context.Context, cmd *exec.Cmd) (int, error) {
	running.Lock()
	defer running.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	running.groups[cmd.Process.Pid] = struct{}{}
	return cmd.Process.Pid, nil
}

// ExitWithParent ends this program and the groups it started as soon as the parent that started it is gone:
// a killed engine must not leave programs behind that still change hosts.
func ExitWithParent() {
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(200 * time.Millisecond)
		}
		// The lock is kept: nothing may start from here on.
		running.Lock()
		signalAll(syscall.SIGTERM)
		for deadline := time.Now().Add(Grace); time.Now().Before(deadline) && signalAll(0) > 0; {
			time.Sleep(50 * time.Millisecond)
		}
		signalAll(syscall.SIGKILL)
		os.Exit(1)
	}()
}

// signalAll answers how many groups there are still; signal 0 only asks.
func signalAll(signal syscall.Signal) int {
	there := 0
	for group := range running.groups {
		if syscall.Kill(-group, signal) == nil {
			there++
		}
	}
	return there
}
