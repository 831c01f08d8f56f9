package local_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"postgres-cluster/engine/command/local"
)

const urn = resource.URN("urn:pulumi:dev::test::command:local:Command::it")

type fields = map[string]property.Value

func serve(t *testing.T) integration.Server {
	t.Helper()
	server, err := integration.NewServer(t.Context(), "command", semver.MustParse("1.2.1"),
		integration.WithProvider(local.Provider()))
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func create(t *testing.T, server integration.Server, inputs fields) (p.CreateResponse, error) {
	t.Helper()
	checked, err := server.Check(p.CheckRequest{Urn: urn, Inputs: property.NewMap(inputs)})
	if err != nil || len(checked.Failures) > 0 {
		t.Fatalf("check: %v %v", err, checked.Failures)
	}
	return server.Create(p.CreateRequest{Urn: urn, Properties: checked.Inputs})
}

func mustCreate(t *testing.T, server integration.Server, inputs fields) p.CreateResponse {
	t.Helper()
	created, err := create(t, server, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func mustUpdate(t *testing.T, server integration.Server, state property.Map, inputs fields) property.Map {
	t.Helper()
	updated, err := server.Update(p.UpdateRequest{Urn: urn, State: state, Inputs: property.NewMap(inputs)})
	if err != nil {
		t.Fatal(err)
	}
	return updated.Properties
}

func stdout(t *testing.T, state property.Map) string {
	t.Helper()
	value := state.Get("stdout")
	if !value.IsString() {
		t.Fatalf("stdout is %v", value)
	}
	return value.AsString()
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func list(texts ...string) property.Value {
	values := make([]property.Value, len(texts))
	for i, text := range texts {
		values[i] = property.New(text)
	}
	return property.New(values)
}

func TestCreateRunsItsCommandWithAllItsSettings(t *testing.T) {
	dir := t.TempDir()
	created := mustCreate(t, serve(t), fields{
		"create":      property.New(`echo "$(pwd) $GREETING $(cat) $0"; echo warning >&2`),
		"interpreter": list("/bin/bash", "-c"),
		"dir":         property.New(dir),
		"environment": property.New(fields{"GREETING": property.New("hello")}),
		"stdin":       property.New("from stdin"),
	})
	equal(t, stdout(t, created.Properties), dir+" hello from stdin /bin/bash")
	equal(t, created.Properties.Get("stderr").AsString(), "warning")
	if !strings.HasPrefix(created.ID, "it") || len(created.ID) != len("it")+8 {
		t.Fatalf("the id is %q", created.ID)
	}
}

func TestPreviewRunsNothing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	inputs := property.NewMap(fields{"create": property.New("touch " + file)})
	if _, err := serve(t).Create(p.CreateRequest{Urn: urn, Properties: inputs, DryRun: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Fatalf("the preview ran the command: %v", err)
	}
}

func TestUpdateRunsUpdateElseCreateAndSeesThePreviousOutput(t *testing.T) {
	server := serve(t)
	created := mustCreate(t, server, fields{"create": property.New("echo one; echo problem >&2")})

	state := mustUpdate(t, server, created.Properties, fields{
		"create": property.New("echo never"),
		"update": property.New(`echo "was $PULUMI_COMMAND_STDOUT, $PULUMI_COMMAND_STDERR"`),
	})
	equal(t, stdout(t, state), "was one, problem")

	state = mustUpdate(t, server, state, fields{"create": property.New(`echo "again ${PULUMI_COMMAND_STDOUT:-none}"`)})
	equal(t, stdout(t, state), "again was one, problem")

	state = mustUpdate(t, server, state, fields{
		"create":                 property.New(`echo "again ${PULUMI_COMMAND_STDOUT:-none}"`),
		"addPreviousOutputInEnv": property.New(false),
	})
	equal(t, stdout(t, state), "again none")
}

func TestDeleteRunsWithTheStoredInputs(t *testing.T) {
	server, file := serve(t), filepath.Join(t.TempDir(), "file")
	created := mustCreate(t, server, fields{
		"create": property.New("echo made"),
		"delete": property.New(`echo "$PULUMI_COMMAND_STDOUT $(cat)" >` + file),
		"stdin":  property.New("stored"),
	})
	if err := server.Delete(p.DeleteRequest{Urn: urn, ID: created.ID, Properties: created.Properties}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, string(text), "made stored\n")
}

func TestEveryChangeIsADiffAndATriggerIsMarkedToReplace(t *testing.T) {
	server := serve(t)
	before := fields{"create": property.New("echo"), "triggers": list("a")}
	created := mustCreate(t, server, before)
	for name, test := range map[string]struct {
		inputs  fields
		changed bool
	}{
		"nothing": {before, false},
		"trigger": {fields{"create": property.New("echo"), "triggers": list("b")}, true},
		"command": {fields{"create": property.New("echo 2"), "triggers": list("a")}, true},
		"logging": {fields{
			"create": property.New("echo"), "triggers": list("a"), "logging": property.New("none"),
		}, true},
	} {
		diff, err := server.Diff(p.DiffRequest{
			Urn: urn, ID: created.ID, State: created.Properties,
			OldInputs: property.NewMap(before), Inputs: property.NewMap(test.inputs),
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff.HasChanges != test.changed || diff.DeleteBeforeReplace {
			t.Errorf("%s: %+v", name, diff)
		}
	}
	schema, err := server.GetSchema(p.GetSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(schema.Schema, `"replaceOnChanges":true`) != 2 {
		t.Errorf("triggers, as input and as output, are not all that replaces: %s", schema.Schema)
	}
}

func TestAFailureNamesStatusCommandAndOutputButNotStdin(t *testing.T) {
	_, err := create(t, serve(t), fields{
		"create": property.New("echo seen; echo broken >&2; cat >/dev/null; exit 7"),
		"stdin":  property.New("sesame"),
	})
	if err == nil {
		t.Fatal("the command did not fail")
	}
	for _, part := range []string{"exit status 7", `running "echo seen; echo broken`, "seen\n", "broken\n"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), "sesame") {
		t.Errorf("the error shows what was on stdin: %v", err)
	}
}

// As with the official plugin an output does not become secret by itself: the program asks for it.
func TestASecretInputStaysSecretInTheState(t *testing.T) {
	created := mustCreate(t, serve(t), fields{
		"create": property.New("cat >/dev/null; echo done"), "stdin": property.New("sesame").WithSecret(true),
	})
	if !created.Properties.Get("stdin").Secret() {
		t.Error("stdin is plain in the state")
	}
	if created.Properties.Get("stdout").Secret() {
		t.Error("stdout became secret, which with the official plugin it does not")
	}
}

// As the official plugin does: whoever started something in the background has to see to its end.
func TestACancelKillsTheProgramAndWaitsForWhoHoldsItsOutput(t *testing.T) {
	server, dir := serve(t), t.TempDir()
	ended := make(chan error, 1)
	go func() {
		_, err := server.Create(p.CreateRequest{Urn: urn, Properties: property.NewMap(fields{
			"create": property.New("sleep 1000 & echo $! >child; echo $$ >shell; wait"), "dir": property.New(dir),
		})})
		ended <- err
	}()
	shell := eventuallyReads(t, filepath.Join(dir, "shell"))
	child, err := strconv.Atoi(eventuallyReads(t, filepath.Join(dir, "child")))
	if err != nil {
		t.Fatal(err)
	}
	// Answers when the calls in progress have ended.
	go func() { _ = server.Cancel() }()
	for tries := 0; alive(shell); tries++ {
		if tries > 250 {
			t.Fatal("the program went on after the cancel")
		}
		time.Sleep(20 * time.Millisecond)
	}
	select {
	case err := <-ended:
		t.Errorf("the call ended while its output was held: %v", err)
	case <-time.After(time.Second):
	}
	if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
		t.Errorf("the child ended by the cancel: %v", err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "signal: killed") {
		t.Errorf("a cancelled command counts as done: %v", err)
	}
}

// A zombie that no one has waited for yet has ended.
func alive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func eventuallyReads(t *testing.T, path string) string {
	t.Helper()
	for range 500 {
		if text, err := os.ReadFile(path); err == nil && strings.HasSuffix(string(text), "\n") {
			return strings.TrimSpace(string(text))
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("nothing came in %s", path)
	return ""
}
