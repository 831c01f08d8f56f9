import { writeFileSync } from "node:fs";
import { firewall } from "../../components/host/firewall.ts";
import { keepalivedConf, virtualAddress } from "../../components/proxy/keepalived.ts";
import { parse } from "../unit/config/fixture.ts";

/** Writes what the hosts of a default configuration get to a folder: HOST.conf, firewall.nft; prints the virtual IP. */
const [folder] = process.argv.slice(2);
const config = parse();
const { proxies } = config.topology;
for (const proxy of proxies)
  writeFileSync(`${folder}/${proxy.host}.conf`, keepalivedConf(config, proxies, proxy));
writeFileSync(`${folder}/firewall.nft`, firewall(config));
console.log(virtualAddress(config));
