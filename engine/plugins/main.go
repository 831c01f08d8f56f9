// One program serves every plugin: it is installed under each plugin's name and serves the one it is called by.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"postgres-cluster/engine/bridge"
	"postgres-cluster/engine/command/local"
)

// versions is set by the linker: the plugins' versions as name=version, comma separated.
var versions string

func main() {
	if err := serve(strings.TrimPrefix(filepath.Base(os.Args[0]), "pulumi-resource-")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(name string) error {
	version := ""
	for _, pair := range strings.Split(versions, ",") {
		if n, v, _ := strings.Cut(pair, "="); n == name {
			version = v
		}
	}
	if version == "" {
		return fmt.Errorf("%s: no version was built in for this plugin", name)
	}
	if name == "command" {
		return local.Provider().Run(context.Background(), name, version)
	}
	return bridge.Serve(name, version)
}
