import { randomUUID } from "node:crypto";
import { Client, type Schemas } from "./support/Client";
import { expectMedia, startCall } from "./support/call";
import { patience } from "./support/settings";
import { expect, type Person, test } from "./support/test";
import { word } from "./support/words";

const ownPassword = "Qingcheng-Yewan-88";

/** A nurse of the administrator's institution, who has just been given a first password. */
async function newNurse(admin: Client): Promise<{ username: string; temporaryPassword: string }> {
  const [membership] = (await admin.me()).memberships;
  const username = `t${randomUUID().slice(0, 8)}`;
  const made = await admin.post<Schemas["UserCreated"]>("/api/v1/users", {
    username,
    name: "新护士",
    organisationId: membership?.organisationId ?? "",
    role: "NURSE",
  } satisfies Schemas["UserInput"]);
  return { username, temporaryPassword: made.temporaryPassword };
}

/** A nurse who has set a password of her own. */
async function settledNurse(admin: Client): Promise<Client> {
  const { username, temporaryPassword } = await newNurse(admin);
  await new Client(username, temporaryPassword).post("/api/v1/auth/password", {
    current: temporaryPassword,
    next: ownPassword,
  });
  return new Client(username, ownPassword);
}

/** Another tab of the same browser. */
async function secondTab({ context, page }: Person): Promise<Person> {
  const tab = await context.newPage();
  await tab.goto(page.url());
  return { context, page: tab };
}

test("a role in another institution begins when the person accepts it", async ({ as, open }) => {
  const nurse = await settledNurse(as("admin.sun"));
  const admin = (await open("admin.fang", { path: "/people" })).page;
  await admin.getByRole("button", { name: "给已有账号增加岗位" }).click();
  const form = admin.getByRole("dialog");
  await form.getByLabel("登录名").fill(nurse.username);
  await form.getByRole("combobox", { name: "岗位" }).click();
  await admin
    .locator(".ant-select-item-option")
    .filter({ hasText: /^护士$/ })
    .click();
  await form.getByRole("button", { name: word("保存") }).click();
  const asked = admin.getByRole("row", { name: new RegExp(`^${nurse.username} 护士`) });
  await expect(asked).toContainText("等待答复");

  const { page } = await open(nurse.username, { password: nurse.password });
  expect((await nurse.get<Schemas["Me"]>("/api/v1/me")).memberships).toHaveLength(1);
  await page
    .getByRole("status")
    .filter({ hasText: "海东路社区卫生服务中心邀请您" })
    .getByRole("button", { name: word("查看") })
    .click();
  await page.getByRole("button", { name: word("接受") }).click();
  await expect(page.getByText("没有等待您答复的邀请。")).toBeVisible();
  expect(
    (await nurse.get<Schemas["Me"]>("/api/v1/me")).memberships.map((m) => m.organisationName).toSorted(),
  ).toEqual(["海东路社区卫生服务中心", "阳光颐养院"]);
  await admin.reload();
  await expect(asked).toContainText("已接受");
  await expect(admin.getByRole("row", { name: new RegExp(`新护士 ${nurse.username}`) })).toBeVisible();
});

test("the first password must be changed before anything else", async ({ as, open }) => {
  const { username, temporaryPassword } = await newNurse(as("admin.sun"));
  const { page } = await open(username, { password: temporaryPassword });
  await expect(page).toHaveURL(/\/password$/);
  const client = new Client(username, temporaryPassword);
  expect((await client.refusal("GET", "/api/v1/residents")).problem.code).toBe("password_change_required");

  const [current, next, again] = ["现在的密码", "新密码", "再输一遍新密码"].map((name) =>
    page.getByLabel(name, { exact: true }),
  );
  const save = page.getByRole("button", { name: "保存新密码" });
  await current?.fill(temporaryPassword);
  await next?.fill("short");
  await again?.fill("short");
  await save.click();
  await expect(page.locator(".ant-form-item-explain-error").first()).toBeVisible();
  await next?.fill(ownPassword);
  await again?.fill(`${ownPassword}!`);
  await save.click();
  await expect(page.getByText("两次输入的新密码不一样。")).toBeVisible();
  await again?.fill(ownPassword);
  await save.click();
  await expect(page).toHaveURL(/\/ward$/, { timeout: patience });
  expect((await new Client(username, ownPassword).me()).mustChangePassword).toBe(false);
  expect((await new Client(username, temporaryPassword).refusal("GET", "/api/v1/me")).problem.code).toBe(
    "bad_credentials",
  );
});

test("signing out everywhere closes the other devices, their sockets and their calls", async ({
  as,
  open,
}) => {
  const nurseApi = await settledNurse(as("admin.sun"));
  const call = await startCall(
    (username, options) =>
      open(username, { ...options, ...(username === nurseApi.username ? { password: ownPassword } : {}) }),
    nurseApi,
    as("dr.wang"),
  );
  await nurseApi.post("/api/v1/auth/logout-everywhere");
  await expect(call.nurse.page).toHaveURL(/\/login/, { timeout: patience });
  await expect
    .poll(() => call.nurse.page.evaluate(() => window.__call?.phase ?? "gone"), { timeout: patience })
    .toMatch(/gone|idle/);
  await expect(call.doctor.page.getByText(/新护士(暂时离开了)|等待新护士进入通话/).first()).toBeVisible({
    timeout: patience,
  });
  // The page has not kept the right to come back either.
  await call.nurse.page.goto(`/ward/requests/${call.id}/call`);
  await expect(call.nurse.page).toHaveURL(/\/login/, { timeout: patience });
});

test("the menu signs out everywhere", async ({ as, open }) => {
  const nurseApi = await settledNurse(as("admin.sun"));
  const [here, there] = [
    await open(nurseApi.username, { password: ownPassword }),
    await open(nurseApi.username, { password: ownPassword }),
  ];
  await here.page.getByRole("button", { name: "账号菜单: 新护士" }).click();
  await here.page.getByRole("menuitem", { name: "在所有设备上退出" }).click();
  await here.page.getByRole("dialog").getByRole("button", { name: "在所有设备上退出" }).click();
  for (const { page } of [here, there]) await expect(page).toHaveURL(/\/login/, { timeout: patience });
});

test("two tabs that renew at once both stay signed in", async ({ as, open }) => {
  const nurseApi = await settledNurse(as("admin.sun"));
  const one = await open(nurseApi.username, { password: ownPassword });
  await expect(one.page.getByRole("heading", { name: "病区" })).toBeVisible({ timeout: patience });
  const two = await secondTab(one);
  await expect(two.page.getByRole("heading", { name: "病区" })).toBeVisible({ timeout: patience });

  await Promise.all([one.page.reload(), two.page.reload()]);
  for (const { page } of [one, two])
    await expect(page.getByRole("heading", { name: "病区" })).toBeVisible({ timeout: patience });

  // The same without the pages' own care: ten requests at once with one cookie get one successor.
  const answers = await one.page.evaluate(() =>
    Promise.all(
      Array.from({ length: 10 }, () =>
        fetch("/api/v1/auth/refresh", { method: "POST" }).then((r) => r.status),
      ),
    ),
  );
  expect(new Set(answers)).toEqual(new Set([200]));
  await Promise.all([one.page.reload(), two.page.reload()]);
  for (const { page } of [one, two])
    await expect(page.getByRole("heading", { name: "病区" })).toBeVisible({ timeout: patience });
});

test("a second page of the same person takes the call over, and says so on the first", async ({
  as,
  open,
}) => {
  const { nurse, doctor } = await startCall(open, as("nurse.li"), as("dr.wang"));
  const second = await secondTab(nurse);
  await expectMedia(second.page, "nurse on the second page");
  await expectMedia(doctor.page, "doctor");
  await expect(nurse.page.getByText("通话已在您的另一个页面继续")).toBeVisible({ timeout: patience });
});
