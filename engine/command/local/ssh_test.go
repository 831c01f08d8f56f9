package local_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// sshServer starts a real sshd on loopback for the current user and answers the local program, as words for
// bash, that runs on it the script on stdin.
func sshServer(t *testing.T) string {
	t.Helper()
	daemon := "/usr/sbin/sshd"
	if path, err := exec.LookPath("sshd"); err == nil {
		daemon = path
	}
	if _, err := os.Stat(daemon); err != nil {
		t.Fatal("this test needs sshd: apt-get install openssh-server")
	}
	if os.Geteuid() == 0 {
		if err := os.Mkdir("/run/sshd", 0o755); err == nil {
			t.Cleanup(func() { _ = os.Remove("/run/sshd") })
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir, port := t.TempDir(), freePort(t)
	key := func(name string) string {
		path := filepath.Join(dir, name)
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return path
	}
	hostKey, userKey := key("host"), key("user")
	write(t, filepath.Join(dir, "authorized"), read(t, userKey+".pub"))
	write(t, filepath.Join(dir, "known"), fmt.Sprintf("[127.0.0.1]:%d %s", port, read(t, hostKey+".pub")))
	write(t, filepath.Join(dir, "sshd_config"), fmt.Sprintf(`
Port %d
ListenAddress 127.0.0.1
HostKey %s
AuthorizedKeysFile %s
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
`, port, hostKey, filepath.Join(dir, "authorized")))

	server := exec.Command(daemon, "-D", "-e", "-f", filepath.Join(dir, "sshd_config"))
	var log bytes.Buffer
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Logf("sshd said:\n%s", log.String())
		}
	})
	for range 250 {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = conn.Close()
			return fmt.Sprintf("ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=%s -i %s -p %d %s@127.0.0.1",
				filepath.Join(dir, "known"), userKey, port, me.Username)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("sshd did not listen")
	return ""
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLifeOfACommandOverSSH(t *testing.T) {
	ssh, server, file := sshServer(t), serve(t), filepath.Join(t.TempDir(), "on-the-host")
	inputs := func(password string) fields {
		return fields{
			"interpreter": list("/bin/bash", "-c"),
			"create":      property.New(ssh + " bash -s"),
			"delete":      property.New(ssh + " rm " + file),
			"stdin": property.New("set -eu\npassword=" + password + "\nprintf %s \"$password\" >" + file +
				"\necho \"kept for ${SSH_CONNECTION%% *}\"\n").WithSecret(true),
			"logging":                property.New("none"),
			"addPreviousOutputInEnv": property.New(false),
		}
	}
	created := mustCreate(t, server, inputs("sesame"))
	equal(t, stdout(t, created.Properties), "kept for 127.0.0.1")
	equal(t, read(t, file), "sesame")

	state := mustUpdate(t, server, created.Properties, inputs("mellon"))
	equal(t, stdout(t, state), "kept for 127.0.0.1")
	equal(t, read(t, file), "mellon")

	if err := server.Delete(p.DeleteRequest{Urn: urn, ID: created.ID, Properties: state}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Fatalf("delete left the file: %v", err)
	}
}

func TestAFailureOverSSHBringsTheHostsWords(t *testing.T) {
	_, err := create(t, serve(t), fields{
		"create": property.New(sshServer(t) + " bash -s"),
		"stdin":  property.New("password=sesame\necho 'disk is full' >&2\nexit 9\n").WithSecret(true),
	})
	if err == nil || !strings.Contains(err.Error(), "exit status 9") || !strings.Contains(err.Error(), "disk is full") {
		t.Fatalf("the error is %v", err)
	}
	if strings.Contains(err.Error(), "sesame") {
		t.Errorf("the error shows what was on stdin: %v", err)
	}
}

func TestAnUnreachableHostIsNamed(t *testing.T) {
	port := freePort(t)
	_, err := create(t, serve(t), fields{
		"create": property.New(fmt.Sprintf("ssh -F none -o BatchMode=yes -p %d 127.0.0.1 true", port)),
	})
	if err == nil || !strings.Contains(err.Error(), "exit status 255") ||
		!strings.Contains(err.Error(), fmt.Sprintf("127.0.0.1 port %d: Connection refused", port)) {
		t.Fatalf("the error is %v", err)
	}
}

// A secret on stdin must not be on any command line or in any environment, here or on the host.
func TestASecretOnStdinIsInNoProcessList(t *testing.T) {
	ssh, server, dir := sshServer(t), serve(t), t.TempDir()
	secret := fmt.Sprintf("sesame-%d", time.Now().UnixNano())
	release := filepath.Join(dir, "release")
	ended := make(chan error, 1)
	go func() {
		_, err := server.Create(p.CreateRequest{Urn: urn, Properties: property.NewMap(fields{
			"create": property.New(ssh + " bash -s"),
			"stdin": property.New("password=" + secret + "\necho >" + filepath.Join(dir, "runs") +
				"\nuntil [ -e " + release + " ]; do sleep 0.05; done\n").WithSecret(true),
		})})
		ended <- err
	}()
	eventuallyReads(t, filepath.Join(dir, "runs"))
	seen := 0
	for _, pattern := range []string{"/proc/[0-9]*/cmdline", "/proc/[0-9]*/environ"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, _ := os.ReadFile(path)
			if bytes.Contains(text, []byte("bash\x00-s")) {
				seen++
			}
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("the secret is in %s: %q", path, text)
			}
		}
	}
	if seen == 0 {
		t.Error("the processes that were to be looked at were not found")
	}
	write(t, release, "")
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
