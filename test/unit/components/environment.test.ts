import { expect, test } from "vitest";
import { refuseMisleadingEnvironment } from "../../../components/host/environment.ts";

test("an environment that leads Docker's provider elsewhere is refused, with the cure", () => {
  expect(() =>
    refuseMisleadingEnvironment({ DOCKER_HOST: "tcp://x", DOCKER_CERT_PATH: "/x", PATH: "/bin" }),
  ).toThrow(
    "environment: DOCKER_HOST, DOCKER_CERT_PATH would lead Pulumi's Docker provider away from the cluster's hosts; run: unset DOCKER_HOST DOCKER_CERT_PATH",
  );
});

test("one that does not is not", () => {
  expect(() =>
    refuseMisleadingEnvironment({ DOCKER_HOST: "", DOCKER_CONFIG: "/x", PATH: "/bin" }),
  ).not.toThrow();
});
