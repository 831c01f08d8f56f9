import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files in the order of their names; the default runs those first that failed or took long. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: ByName },
    // Much of the unit tests' time is waiting for scripts; the default leaves a core free.
    maxWorkers: "100%",
    projects: [
      {
        // Examples import the package by its name.
        resolve: { alias: { "postgres-cluster": resolve("components/index.ts") } },
        test: { name: "unit", include: ["test/unit/**/*.test.ts"], setupFiles: ["test/unit/home.ts"] },
      },
      {
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          globalSetup: "test/integration/teardown.ts",
          // All files work on one lab and one stack: one after another, and only after the unit tests.
          sequence: { groupOrder: 1 },
          fileParallelism: false,
          isolate: false,
          testTimeout: 20 * 60_000,
          hookTimeout: 30 * 60_000,
        },
      },
    ],
  },
});
