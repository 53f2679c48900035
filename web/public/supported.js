/* Written for browsers of any age, therefore without modern syntax. Shows a notice and keeps the application from starting
   where a call could not work: in the WeChat browser, and below Chromium 109, Safari 16.4 and Firefox ESR 115. */
(function () {
  var agent = navigator.userAgent || "";
  var wechat = /MicroMessenger/i.test(agent) && !/wxwork/i.test(agent);
  var able =
    typeof window.RTCPeerConnection === "function" &&
    typeof window.WebSocket === "function" &&
    typeof window.BroadcastChannel === "function" &&
    typeof window.structuredClone === "function" &&
    typeof window.CompressionStream === "function" &&
    !!(window.CSS && CSS.supports && CSS.supports("height", "100dvh"));
  if (able && !wechat) return;
  window.lianzhenUnsupported = true;
  document.addEventListener("DOMContentLoaded", function () {
    var page = document.getElementById(wechat ? "wechat" : "unsupported");
    document.getElementById("root").setAttribute("hidden", "");
    page.removeAttribute("hidden");
  });
})();
