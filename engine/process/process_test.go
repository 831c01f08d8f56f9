package process_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postgres-cluster/engine/process"
)

// The test's own binary plays the plugin: started so, it runs a shell with a child, and ends with its parent.
func TestMain(m *testing.M) {
	if dir := os.Getenv("PLAY_PLUGIN_IN"); dir != "" {
		process.ExitWithParent()
		cmd := exec.Command("/bin/sh", "-c", "sleep 1000 & echo $! >child; echo $$ >shell; wait")
		cmd.Dir = dir
		_ = process.Run(m.Context(), cmd, syscall.SIGTERM)
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}
