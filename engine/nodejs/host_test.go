package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"
)

// project makes a program's folder with the packages and puts a shell script in Node's place.
func project(t *testing.T, node string, packages map[string]string) string {
	t.Helper()
	root, bin := t.TempDir(), t.TempDir()
	for path, text := range packages {
		put(t, filepath.Join(root, "node_modules", path), text)
	}
	put(t, filepath.Join(root, "node_modules/@pulumi/pulumi/cmd/run/index.js"), "")
	put(t, filepath.Join(bin, "node"), "#!/bin/sh\n"+node)
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	program := filepath.Join(root, "nested/program")
	if err := os.MkdirAll(program, 0o755); err != nil {
		t.Fatal(err)
	}
	return program
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func request(t *testing.T, program string) *pulumirpc.RunRequest {
	t.Helper()
	options, err := structpb.NewStruct(map[string]any{"typescript": false, "nodeargs": "--enable-source-maps"})
	if err != nil {
		t.Fatal(err)
	}
	return &pulumirpc.RunRequest{
		MonitorAddress: "monitor:1", Organization: "org", Project: "project", Stack: "dev", Parallel: 16, DryRun: true,
		Config: map[string]string{"project:size": "3"}, ConfigSecretKeys: []string{"project:size"},
		Info: &pulumirpc.ProgramInfo{
			RootDirectory: "/root-dir", ProgramDirectory: program, EntryPoint: "index.ts", Options: options,
		},
	}
}

func run(t *testing.T, program string) *pulumirpc.RunResponse {
	t.Helper()
	host := newHost(t.Context())
	host.engine = "engine:2"
	response, err := host.Run(t.Context(), request(t, program))
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestRunGivesNodeTheStackAndItsConfiguration(t *testing.T) {
	file := filepath.Join(t.TempDir(), "seen")
	program := project(t, `{ echo "$@"; env | grep ^PULUMI_ | sort; } >`+file, nil)
	if response := run(t, program); response.GetError() != "" || response.GetBail() {
		t.Fatal(response)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"--enable-source-maps ", "/node_modules/@pulumi/pulumi/cmd/run/index.js --monitor monitor:1 --engine engine:2",
		"--organization org --project project --root-directory /root-dir --stack dev --pwd " + program,
		"--parallel 16 --dry-run index.ts\n",
		`PULUMI_CONFIG={"project:config:size":"3"}`, `PULUMI_CONFIG_SECRET_KEYS=["project:size"]`,
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
	if strings.Contains(string(text), "PULUMI_NODEJS_TYPESCRIPT") {
		t.Error("the SDK was told to compile TypeScript")
	}
}

func TestTheProgramsStatusDecidesTheAnswer(t *testing.T) {
	if response := run(t, project(t, "exit 32", nil)); !response.GetBail() || response.GetError() != "" {
		t.Errorf("what the program has reported is reported again: %v", response)
	}
	response := run(t, project(t, "exit 3", nil))
	if response.GetBail() || response.GetError() != "the program ended with exit status 3" {
		t.Errorf("a failed program: %v", response)
	}
	program := project(t, "exit 0", nil)
	if err := os.RemoveAll(filepath.Join(program, "../../node_modules")); err != nil {
		t.Fatal(err)
	}
	if response := run(t, program); !strings.Contains(response.GetError(), "run npm install") {
		t.Errorf("a program without the SDK: %v", response)
	}
}

func TestCancelEndsTheProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "started")
	program := project(t, "trap 'kill $!; exit 0' INT; echo >"+file+"; sleep 1000 & wait", nil)
	host := newHost(t.Context())
	answer := make(chan *pulumirpc.RunResponse, 1)
	go func() {
		response, _ := host.Run(context.Background(), request(t, program))
		answer <- response
	}()
	for range 500 {
		if _, err := os.Stat(file); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, err := host.Cancel(t.Context(), &emptypb.Empty{}); err != nil {
		t.Fatal(err)
	}
	select {
	case response := <-answer:
		if response.GetError() != "the program was cancelled" {
			t.Errorf("the answer is %v", response)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the program went on after the cancel")
	}
}

func TestRequiredPackagesAreThoseThatNodeWouldFind(t *testing.T) {
	program := project(t, "", map[string]string{
		"@pulumi/docker/package.json":       `{"name": "@pulumi/docker", "version": "5.2.0", "pulumi": {"resource": true}}`,
		"cloud/package.json":                `{"name": "cloud", "version": "1.0.0", "pulumi": {"resource": true, "name": "cl", "version": "2.0.0", "server": "s"}}`,
		"wrapper/package.json":              `{"name": "wrapper", "pulumi": {"resource": false}}`,
		"plain/package.json":                `{"name": "plain", "pulumi": "of another shape"}`,
		"plain/node_modules/d/package.json": `{"name": "@pulumi/docker", "version": "4.0.0", "pulumi": {"resource": true}}`,
	})
	response, err := newHost(t.Context()).GetRequiredPackages(t.Context(), &pulumirpc.GetRequiredPackagesRequest{
		Info: &pulumirpc.ProgramInfo{ProgramDirectory: program},
	})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, pkg := range response.GetPackages() {
		found = append(found, pkg.GetKind()+" "+pkg.GetName()+" "+pkg.GetVersion()+" "+pkg.GetServer())
	}
	want := "resource cl v2.0.0 s|resource docker v4.0.0 |resource docker v5.2.0 "
	if got := strings.Join(found, "|"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
