import { randomInt, randomUUID } from "node:crypto";
import type { CDPSession, Page } from "@playwright/test";
import { Client, type Schemas } from "./support/Client";
import { newDraft, read } from "./support/consultations";
import { address } from "./support/settings";
import { expect, test } from "./support/test";

const ownPassword = "Qingcheng-Yewan-88";

/** Browsers bind keys to a host name, never to an address. */
const named = address.replace("127.0.0.1", "localhost");

/** A security key in this page's browser, with a PIN that is always right and a finger that always touches. */
async function plugIn(page: Page): Promise<{ cdp: CDPSession; authenticatorId: string }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "usb",
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, authenticatorId };
}

// The institution asks its attending doctors for a second factor at sign-in: one enters a security key, confirms with it at a
// signature and at the next sign-in; a copy of the key is refused, a recovery code still opens, and the administrator resets it all.
test("a security key at sign-in and at a signature", async ({ as, open }) => {
  const admin = as("admin.sun");
  const [post] = (await admin.me()).memberships;
  const username = `t${randomUUID().slice(0, 8)}`;
  const made = await admin.post<Schemas["UserCreated"]>("/api/v1/users", {
    username,
    name: "钥医生",
    organisationId: post?.organisationId ?? "",
    role: "ATTENDING",
    licence: {
      kind: "PHYSICIAN",
      number: `1101501${randomInt(10_000_000, 99_999_999)}`,
      titleCode: "233",
      validFrom: "2015-06-01",
    },
  } satisfies Schemas["UserInput"]);
  await new Client(username, made.temporaryPassword).post("/api/v1/auth/password", {
    current: made.temporaryPassword,
    next: ownPassword,
  });

  const { toAdopt } = await as("dr.chen").get<Schemas["Worklist"]>("/api/v1/worklist");
  const administrator = await open("admin.sun", { path: "/system" });
  await administrator.page
    .getByRole("button", { name: `修改二次验证要求：${post?.organisationName}` })
    .click();
  await administrator.page.getByRole("checkbox", { name: "陪同医师（邀请方）: 每次登录时" }).check();
  await administrator.page
    .getByRole("dialog")
    .getByRole("button", { name: /保\s*存/ })
    .click();
  await expect(administrator.page.getByRole("dialog")).toHaveCount(0);
  try {
    const { page, context } = await open(username, { password: ownPassword, base: named });
    await expect(page).toHaveURL(/\/confirm$/);
    const { cdp, authenticatorId } = await plugIn(page);
    const signIn = async () => {
      const answer = await context.request.post("/api/v1/auth/login", {
        data: { username, password: ownPassword },
      });
      expect(answer.status()).toBe(200);
      await page.goto("/");
      await expect(page).toHaveURL(/\/confirm$/);
    };

    await page.getByRole("button", { name: "添加安全密钥" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("名称").fill("值班室的钥匙");
    await dialog.getByLabel("请再次输入登录密码").fill(ownPassword);
    await dialog.getByRole("button", { name: "下一步" }).click();
    await dialog.getByRole("button", { name: "登记这把密钥" }).click();
    const list = dialog.getByRole("listitem");
    await expect(list).toHaveCount(10);
    const codes = await list.allTextContents();
    await dialog.getByRole("button", { name: "我已保存" }).click();
    await expect(page.getByText("值班室的钥匙")).toBeVisible();
    await page.getByRole("button", { name: /继\s*续/ }).click();
    await expect(page).toHaveURL(/\/adopt$/);

    // At a signature the key is asked before the password is judged; a wrong one signs nothing.
    await page.goto(`/adopt/${toAdopt[0]?.id}`);
    const decisions = page.getByRole("radiogroup", { name: /^建议 \d+ 的决定$/ });
    await expect(decisions.first()).toBeVisible();
    for (const one of await decisions.all()) await one.getByText("采纳", { exact: true }).click();
    await page.getByRole("button", { name: /^签\s*名$/ }).click();
    await dialog.getByLabel("请再次输入登录密码").fill("wrong");
    await dialog.getByRole("button", { name: /^签\s*名$/ }).click();
    await expect(dialog.getByText("已通过二次验证")).toBeVisible();
    await expect(dialog.getByText("密码不对。")).toBeVisible();

    await signIn();
    await page.getByRole("button", { name: "验证并登录" }).click();
    await expect(page).toHaveURL(/\/adopt$/);

    // The same key with an older counter: somebody copied it.
    await signIn();
    const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
    const [credential] = credentials;
    if (!credential) throw new Error("no key");
    expect(credential.signCount).toBeGreaterThan(1);
    await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
    await cdp.send("WebAuthn.addCredential", {
      authenticatorId,
      credential: { ...credential, signCount: 0 },
    });
    await page.getByRole("button", { name: "验证并登录" }).click();
    await expect(page.getByText("可能被复制")).toBeVisible();
    await page.reload();
    await page.getByLabel("二次验证").fill(codes[0] ?? "");
    await page.getByRole("button", { name: "验证并登录" }).click();
    await expect(page).toHaveURL(/\/adopt$/);
    await page.goto("/security");
    await expect(page.getByText("可能被复制，已停用，请移除")).toBeVisible();
    await expect(page.getByText("还有 9 个恢复码")).toBeVisible();

    await administrator.page.goto("/people");
    const row = administrator.page.getByRole("row").filter({ hasText: username });
    await row.getByRole("button", { name: /操作$/ }).click();
    await administrator.page.getByRole("menuitem", { name: "重置二次验证" }).click();
    await administrator.page
      .getByRole("dialog")
      .getByRole("button", { name: /确\s*定/ })
      .click();
    await expect(row.getByText("未设二次验证")).toBeVisible();
    await page.reload();
    await expect(page.getByRole("alert").getByText(/重置了您的二次验证/)).toBeVisible();
  } finally {
    await admin.put(`/api/v1/organisations/${post?.organisationId}/second-factor`, {
      rules: [{ role: "ATTENDING", atActs: false, atSignIn: false }],
    } satisfies Schemas["FactorRules"]);
  }
});

// Before the call: what would keep the consultation from counting has its button, and the tablet reads the doctor's screen.
test("the attending doctor checks in at the bedside before the call", async ({ as, open }) => {
  const draft = await newDraft(as("nurse.li"));
  const doctor = await open("dr.chen", { path: "/check-in" });
  await doctor.page.getByRole("button", { name: "生成签到码" }).click();
  const shown = await doctor.page
    .locator("canvas")
    .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL("image/png"));

  const nurse = await open("nurse.li", {
    path: `/ward/requests/${draft.id}?step=call`,
    // The tablet's camera looks at the doctor's screen.
    prepare: async (context) => {
      await context.addInitScript(lookAt, shown);
    },
  });
  await nurse.page.getByRole("button", { name: "医师到场签到" }).click();
  await expect(nurse.page.getByText("陈医生 在场").first()).toBeVisible();
  await expect(nurse.page.getByRole("button", { name: "医师到场签到" })).toHaveCount(0);
  const { checkIns } = await read(as("nurse.li"), draft.id);
  expect(checkIns).toMatchObject([{ name: "陈医生", method: "QR" }]);
});

/** Runs in the page: the camera shows a picture, as a tablet that is held in front of a screen. */
function lookAt(picture: string): void {
  if (!navigator.mediaDevices) return; // the blank page before the first
  const image = new Image();
  image.src = picture;
  const view = document.createElement("canvas");
  [view.width, view.height] = [640, 480];
  const paper = view.getContext("2d");
  setInterval(() => {
    if (!paper) return;
    paper.fillStyle = "#888";
    paper.fillRect(0, 0, view.width, view.height);
    paper.drawImage(image, 190, 110, 260, 260);
  }, 50);
  Object.defineProperty(navigator.mediaDevices, "getUserMedia", {
    value: () => Promise.resolve(view.captureStream(20)),
    configurable: false,
    writable: false,
  });
}
