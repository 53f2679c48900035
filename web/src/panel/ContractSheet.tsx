import { Fragment, type ReactNode } from "react";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { useCatalogue } from "../api";
import styles from "./Panel.module.css";
import type { Contract } from "./parts";
import { useContractFile } from "./useContractFile";

/**
 * The sheet that is signed and printed: the words of the contract, and below them the signatures. It is Chinese in every language,
 * because its words are what was signed.
 */
export function ContractSheet({ of, bare }: { of: Contract; bare?: boolean }) {
  const text = useRead("/api/v1/fd-contracts/{id}/text", { path: { id: of.id } });
  const file = useContractFile(of, true);
  const { catalogue } = useCatalogue();
  const zh = (list: string, code: string | undefined) =>
    catalogue?.lists?.[list]?.find((term) => term.code === code)?.zh ?? "";
  const drawn = of.signedHow === "DRAWN" && file.url;
  return (
    <Loaded query={text}>
      {(data) => (
        <article className={styles.sheet} lang="zh-CN">
          <Words body={data.body} />
          {!bare && (
            <>
              <div className={styles.signatures}>
                <div>
                  <strong>甲方（或监护人）签名：</strong>
                  {drawn ? <img className={styles.ink} src={file.url} alt="甲方签名" /> : <br />}
                  <span>日期：{of.signedOn ?? "　　　　年　　月　　日"}</span>
                </div>
                <div>
                  <strong>乙方（团队长）签名：</strong>
                  <br />
                  <span>日期：　　　　年　　月　　日</span>
                </div>
              </div>
              <p className={styles.quiet}>
                文本版本 {data.version}　校验值 {data.hash.slice(0, 16)}…
                {of.signedHow && `　签署方式：${zh("fd_signed_how", of.signedHow)}`}
                　系统存证，非《电子签名法》第十三条可靠电子签名
              </p>
            </>
          )}
        </article>
      )}
    </Loaded>
  );
}

/** The little markup that the text uses: headings, lists, paragraphs. */
function Words({ body }: { body: string }) {
  const parts: ReactNode[] = [];
  for (const [i, block] of body.split(/\n{2,}/).entries()) {
    const lines = block.trim().split("\n");
    const [first = ""] = lines;
    if (first.startsWith("# ")) parts.push(<h1 key={i}>{first.slice(2)}</h1>);
    else if (first.startsWith("## ")) parts.push(<h2 key={i}>{first.slice(3)}</h2>);
    else if (first.startsWith("- ")) {
      parts.push(
        <ul key={i}>
          {lines.map((line) => (
            <li key={line}>{line.slice(2)}</li>
          ))}
        </ul>,
      );
    } else {
      parts.push(
        <p key={i}>
          {lines.map((line, j) => (
            <Fragment key={line}>
              {j > 0 && <br />}
              {line}
            </Fragment>
          ))}
        </p>,
      );
    }
  }
  return parts;
}
