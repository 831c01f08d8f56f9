// Package bridge describes the Terraform providers that serve as Pulumi plugins here, with the tokens and names
// that the npm packages of the official plugins use.
package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	bridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/spf13/afero"
)

// Serve runs the plugin of that name until the engine is done with it.
func Serve(name, version string) error {
	switch name {
	case "docker":
		info := docker(version)
		schema, err := schemaOf(context.Background(), info)
		if err != nil {
			return err
		}
		bridge.Main(name, version, info, schema)
	case "random":
		servePluginFramework(random(version))
	case "tls":
		servePluginFramework(tls(version))
	default:
		return fmt.Errorf("there is no plugin %q here", name)
	}
	return nil
}

func servePluginFramework(info bridge.ProviderInfo) {
	tfbridge.Main(context.Background(), info.Name, info, tfbridge.ProviderMetadata{
		XGetSchema: func(ctx context.Context, _ plugin.GetSchemaRequest) ([]byte, error) {
			return schemaOf(ctx, info)
		},
	})
}

// schemaOf makes the schema in memory; the official plugins make theirs, with documentation, at build time.
func schemaOf(ctx context.Context, info bridge.ProviderInfo) ([]byte, error) {
	generator, err := tfgen.NewGenerator(tfgen.GeneratorOptions{
		Package:       info.Name,
		Version:       info.Version,
		Language:      tfgen.Schema,
		ProviderInfo:  info,
		Root:          afero.NewMemMapFs(),
		Sink:          diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never}),
		XInMemoryDocs: true,
		SkipDocs:      true,
		SkipExamples:  true,
	})
	if err != nil {
		return nil, err
	}
	schema, err := generator.Generate(ctx)
	if err != nil {
		return nil, err
	}
	schema.PackageSpec.Version = info.Version
	return json.Marshal(schema.PackageSpec)
}
