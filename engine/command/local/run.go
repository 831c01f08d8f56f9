package local

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
)

// run executes the command with the settings in the state and writes what it printed back there. As with the official
// plugin a cancel, or the loss of the engine, kills the program that was started, and neither its children nor this
// plugin: they end by themselves, and the call waits for whichever holds the output open.
func run(ctx context.Context, command string, state *Outputs) error {
	arguments := []string{"/bin/sh", "-c"}
	if state.Interpreter != nil && len(*state.Interpreter) > 0 {
		arguments = append([]string(nil), *state.Interpreter...)
	}
	arguments = append(arguments, command)

	cmd := exec.CommandContext(ctx, arguments[0], arguments[1:]...)
	if state.Dir != nil {
		cmd.Dir = *state.Dir
	}
	cmd.Env = environment(state)
	if state.Stdin != nil && *state.Stdin != "" {
		cmd.Stdin = strings.NewReader(*state.Stdin)
	}

	var stdout, stderr bytes.Buffer
	both := &lockedBuffer{}
	log, logged := logLines(ctx)
	cmd.Stdout = tee(&stdout, both, log, state.logs(logStdout))
	cmd.Stderr = tee(&stderr, both, log, state.logs(logStderr))

	err := cmd.Run()
	log.Close()
	<-logged
	if err != nil {
		return fmt.Errorf("%w: running %q:\n%s", err, command, both.String())
	}
	state.Stdout = strings.TrimSuffix(stdout.String(), "\n")
	state.Stderr = strings.TrimSuffix(stderr.String(), "\n")
	return nil
}

func environment(state *Outputs) []string {
	env := os.Environ()
	if state.Environment != nil {
		for name, value := range *state.Environment {
			env = append(env, name+"="+value)
		}
	}
	if state.AddPreviousOutputInEnv != nil && !*state.AddPreviousOutputInEnv {
		return env
	}
	if state.Stdout != "" {
		env = append(env, "PULUMI_COMMAND_STDOUT="+state.Stdout)
	}
	if state.Stderr != "" {
		env = append(env, "PULUMI_COMMAND_STDERR="+state.Stderr)
	}
	return env
}

func (state *Outputs) logs(stream Logging) bool {
	return state.Logging == nil || *state.Logging == logBoth || *state.Logging == stream
}

func tee(own, both, log io.Writer, logs bool) io.Writer {
	if logs {
		return io.MultiWriter(own, both, log)
	}
	return io.MultiWriter(own, both)
}

// logLines shows each line that is written to it at the resource while the command runs.
func logLines(ctx context.Context) (io.WriteCloser, <-chan struct{}) {
	reader, writer := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		lines := bufio.NewReader(reader)
		for {
			line, err := lines.ReadString('\n')
			if line = strings.TrimSuffix(line, "\n"); line != "" {
				p.GetLogger(ctx).InfoStatus(line)
			}
			if err != nil {
				return
			}
		}
	}()
	return writer, done
}

// lockedBuffer takes both streams in the order in which they come.
type lockedBuffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(data []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(data)
}
