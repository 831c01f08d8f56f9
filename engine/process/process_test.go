package process_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postgres-cluster/engine/process"
)

// A shell and a child of it that does not heed the signal.
const family = "(trap '' TERM; exec sleep 1000) & echo $! >child; echo $$ >shell; wait"

// The test's own binary plays the plugin when it is told where.
func TestMain(m *testing.M) {
	dir := os.Getenv("PLAY_PLUGIN_IN")
	if dir == "" {
		os.Exit(m.Run())
	}
	process.ExitWithParent()
	if err := process.Run(context.Background(), shell(dir, family), syscall.SIGTERM); err == nil {
		os.Exit(1)
	}
	time.Sleep(time.Minute)
}

func shell(dir, script string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", script)
	cmd.Dir = dir
	return cmd
}

func TestThePluginAndAllItStartedEndWithTheEngine(t *testing.T) {
	dir := t.TempDir()
	// The shell plays the engine: it starts the plugin and is killed.
	engine := shell(dir, os.Args[0]+" & echo $! >plugin; wait")
	engine.Env = append(os.Environ(), "PLAY_PLUGIN_IN="+dir)
	if err := engine.Start(); err != nil {
		t.Fatal(err)
	}
	pids := []string{pid(t, dir, "plugin"), pid(t, dir, "shell"), pid(t, dir, "child")}
	_ = engine.Process.Kill()
	_ = engine.Wait()
	gone(t, pids...)
}

func TestACancelEndsTheGroupAndIsAnError(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- process.Run(ctx, shell(dir, "trap 'exit 0' TERM; "+family), syscall.SIGTERM) }()
	pids := []string{pid(t, dir, "shell"), pid(t, dir, "child")}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	gone(t, pids...)
}

func TestAGroupThatIgnoresTheSignalIsKilled(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- process.Run(ctx, shell(dir, "trap '' TERM; "+family), syscall.SIGTERM)
	}()
	pids := []string{pid(t, dir, "shell"), pid(t, dir, "child")}
	began := time.Now()
	cancel()
	if err := <-ended; err == nil {
		t.Error("a killed command counts as done")
	}
	if took := time.Since(began); took < process.Grace || took > process.Grace+3*time.Second {
		t.Errorf("it took %v", took)
	}
	gone(t, pids...)
}

func pid(t *testing.T, dir, name string) string {
	t.Helper()
	for range 500 {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil && strings.HasSuffix(string(text), "\n") {
			return strings.TrimSpace(string(text))
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s did not start", name)
	return ""
}

func gone(t *testing.T, pids ...string) {
	t.Helper()
	for _, pid := range pids {
		for tries := 0; alive(pid); tries++ {
			if tries > 400 {
				t.Fatalf("process %s of %v is still there", pid, pids)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// A zombie that no one has waited for yet has ended.
func alive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
