import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin, Rolldown } from "vite";

/** Pages that open without network, beside the program's start. */
const offline = [
  "src/visits/DayPage.tsx",
  "src/visits/VisitPage.tsx",
  "src/offline/ToSendPage.tsx",
  "src/bedside/ward/WardPage.tsx",
  "src/bedside/request/ReasonPage.tsx",
  "src/auth/LoginPage.tsx",
];

/**
 * Names the build in the page, and writes into the service worker which files make up the pages that open without network:
 * the start, those pages, and everything that these need.
 */
export function shell(): Plugin {
  let files: string[] = [];
  let build = "";
  return {
    name: "lianzhen-shell",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        if (!bundle) return [];
        build = hash(Object.keys(bundle).toSorted().join("\n"));
        files = filesOf(bundle);
        return [{ tag: "meta", attrs: { name: "lianzhen-build", content: build }, injectTo: "head" }];
      },
    },
    async writeBundle({ dir = "dist" }) {
      const worker = join(dir, "sw.js");
      const empty = 'const shell = { build: "", files: [] };';
      const code = await readFile(worker, "utf8");
      if (!code.includes(empty)) throw new Error("public/sw.js has no place for the shell");
      await writeFile(worker, code.replace(empty, `const shell = ${JSON.stringify({ build, files })};`));
    },
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

function filesOf(bundle: Rolldown.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const wanted = new Set<string>(["supported.js", "icon.svg", "manifest.webmanifest"]);
  const take = (name: string) => {
    const chunk = byName.get(name);
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const style of chunk?.viteMetadata?.importedCss ?? []) wanted.add(style);
    for (const imported of chunk?.imports ?? []) take(imported);
  };
  for (const chunk of chunks) {
    const page = offline.some((path) => chunk.facadeModuleId?.endsWith(path));
    if (chunk.isEntry || page) take(chunk.fileName);
  }
  for (const path of offline)
    if (!chunks.some((chunk) => chunk.facadeModuleId?.endsWith(path)))
      throw new Error(`${path} is no page of its own`);
  return [...wanted].map((name) => `/${name}`);
}
