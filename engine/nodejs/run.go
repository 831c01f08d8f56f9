package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// The SDK ends the program with this status when it has already told the user what is wrong.
const alreadyReported = 32

// Run executes the program and answers when it has ended.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(h.running, cancel)()
	cmd, err := h.command(ctx, req)
	if err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}

	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return &pulumirpc.RunResponse{Error: "the program was cancelled"}, nil
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return &pulumirpc.RunResponse{}, nil
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program could not be run: %v", err)}, nil
	case exit.ExitCode() == alreadyReported:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("the program ended with %v", exit)}, nil
	}
}

func (h *host) command(ctx context.Context, req *pulumirpc.RunRequest) (*exec.Cmd, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.New("node is not on the PATH: install Node 22.18 or newer")
	}
	sdk, err := sdkOf(req.GetInfo().GetProgramDirectory())
	if err != nil {
		return nil, err
	}
	env, err := environment(req)
	if err != nil {
		return nil, err
	}
	options := req.GetInfo().GetOptions().AsMap()
	nodeArgs, _ := options["nodeargs"].(string)
	cmd := exec.CommandContext(ctx, node, append(strings.Fields(nodeArgs), h.arguments(sdk, req)...)...)
	cmd.Env = env
	// Node makes a pipe that it is given non-blocking, so it must not have this program's own.
	cmd.Stdout = struct{ io.Writer }{os.Stdout}
	cmd.Stderr = struct{ io.Writer }{os.Stderr}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	// For a program that does not heed it, and for one that has ended and left something behind with its output open.
	cmd.WaitDelay = 5 * time.Second
	return cmd, nil
}

// sdkOf finds the SDK's entry point as Node would from the program's folder.
func sdkOf(directory string) (string, error) {
	for dir := directory; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "node_modules/@pulumi/pulumi/cmd/run/index.js")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("@pulumi/pulumi is not installed for the program in %s: run npm install there", directory)
		}
	}
}

func (h *host) arguments(sdk string, req *pulumirpc.RunRequest) []string {
	info := req.GetInfo()
	args := []string{sdk}
	for _, option := range [][2]string{
		{"monitor", req.GetMonitorAddress()},
		{"engine", h.engine},
		{"organization", req.GetOrganization()},
		{"project", req.GetProject()},
		{"root-directory", info.GetRootDirectory()},
		{"stack", req.GetStack()},
		{"pwd", info.GetProgramDirectory()},
		{"parallel", strconv.Itoa(int(req.GetParallel()))},
	} {
		if option[1] != "" {
			args = append(args, "--"+option[0], option[1])
		}
	}
	if req.GetDryRun() {
		args = append(args, "--dry-run")
	}
	args = append(args, info.GetEntryPoint())
	return append(args, req.GetArgs()...)
}

// environment hands the stack's configuration to the SDK, which reads keys in the form namespace:config:name.
func environment(req *pulumirpc.RunRequest) ([]string, error) {
	settings := map[string]string{}
	for text, value := range req.GetConfig() {
		key, err := config.ParseKey(text)
		if err != nil {
			return nil, err
		}
		settings[key.Namespace()+":config:"+key.Name()] = value
	}
	settingsJSON, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	secretKeysJSON, err := json.Marshal(append([]string{}, req.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	env := append(os.Environ(),
		"PULUMI_CONFIG="+string(settingsJSON),
		"PULUMI_CONFIG_SECRET_KEYS="+string(secretKeysJSON),
	)
	options := req.GetInfo().GetOptions().AsMap()
	if typescript, ok := options["typescript"].(bool); !ok || typescript {
		env = append(env, "PULUMI_NODEJS_TYPESCRIPT=true")
	}
	if tsconfig, _ := options["tsconfig"].(string); tsconfig != "" {
		env = append(env, "PULUMI_NODEJS_TSCONFIG_PATH="+tsconfig)
	}
	return env, nil
}
