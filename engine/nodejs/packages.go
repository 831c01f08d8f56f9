package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// manifest is what a package.json says of the plugin that the package needs.
type manifest struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Pulumi  struct {
		Resource bool   `json:"resource"`
		Name     string `json:"name"`
		Version  string `json:"version"`
		Server   string `json:"server"`
	} `json:"pulumi"`
}

// pluginsOf lists the plugins that the packages installed for a program need: those in the node_modules folders
// in which Node looks for the program's imports, and those that such packages carry themselves.
func pluginsOf(directory string) ([]*pulumirpc.PackageDependency, error) {
	found := map[string]*pulumirpc.PackageDependency{}
	for dir := directory; ; dir = filepath.Dir(dir) {
		if err := addPlugins(filepath.Join(dir, "node_modules"), found); err != nil {
			return nil, err
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	plugins := make([]*pulumirpc.PackageDependency, 0, len(found))
	for _, plugin := range found {
		plugins = append(plugins, plugin)
	}
	sort.Slice(plugins, func(i, j int) bool {
		return plugins[i].GetName()+plugins[i].GetVersion() < plugins[j].GetName()+plugins[j].GetVersion()
	})
	return plugins, nil
}

func addPlugins(modules string, found map[string]*pulumirpc.PackageDependency) error {
	for _, pattern := range []string{"*", "@*/*"} {
		packages, err := filepath.Glob(filepath.Join(modules, pattern, "package.json"))
		if err != nil {
			return err
		}
		for _, path := range packages {
			if err := addPlugin(path, found); err != nil {
				return err
			}
			if err := addPlugins(filepath.Join(filepath.Dir(path), "node_modules"), found); err != nil {
				return err
			}
		}
	}
	return nil
}

func addPlugin(path string, found map[string]*pulumirpc.PackageDependency) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var pkg manifest
	if err := json.Unmarshal(text, &pkg); err != nil || !pkg.Pulumi.Resource {
		// A manifest of another shape is no Pulumi package.
		return nil
	}
	name, version := pkg.Pulumi.Name, pkg.Pulumi.Version
	if name == "" {
		name = strings.TrimPrefix(pkg.Name, "@pulumi/")
	}
	if version == "" {
		version = pkg.Version
	}
	if name == "" || strings.HasPrefix(name, "@") || version == "" {
		return fmt.Errorf("%s does not say which plugin and version the package needs", path)
	}
	version = "v" + strings.TrimPrefix(version, "v")
	found[name+version] = &pulumirpc.PackageDependency{
		Name: name, Kind: "resource", Version: version, Server: pkg.Pulumi.Server,
	}
	return nil
}
