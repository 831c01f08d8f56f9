import type { Check } from "./candidate.ts";

/** The private key is either in a file or in the settings. */
export const keyIsGivenOnce: Check = function* ({ settings }) {
  const { privateKey, privateKeyFile } = settings.ssh ?? {};
  if (privateKey === undefined || privateKeyFile === undefined) return;
  yield {
    path: ["ssh", "privateKey"],
    message: "set in addition to ssh.privateKeyFile; remove one of the two",
    hidden: true,
  };
};

/** A registry has one login. */
export const registriesAreDistinct: Check = function* ({ settings }) {
  const registries = settings.images?.registries ?? [];
  for (const [index, registry] of registries.entries()) {
    const first = registries.findIndex((other) => registry?.address && other?.address === registry.address);
    if (first < 0 || first === index) continue;
    const path = ["images", "registries", index, "address"];
    yield { path, message: `already that of images.registries[${first}]; give a registry one login` };
  }
};
