import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { I18nextProvider } from "react-i18next";
import { RouterProvider } from "react-router";
import { reloadForUpdate } from "./app/reload";
import { createRouter } from "./app/router";
import { createServices, ServicesProvider } from "./app/services";
import { ThemeProvider } from "./theme";

declare global {
  interface Window {
    /** set by public/supported.js */
    lianzhenUnsupported?: boolean;
  }
}

function start(element: HTMLElement): void {
  const services = createServices();
  const router = createRouter();
  window.addEventListener("vite:preloadError", reloadForUpdate);
  void services.session.restore();
  createRoot(element).render(
    <StrictMode>
      <ServicesProvider value={services}>
        <QueryClientProvider client={services.query}>
          <I18nextProvider i18n={services.i18n}>
            <ThemeProvider>
              <RouterProvider router={router} />
            </ThemeProvider>
          </I18nextProvider>
        </QueryClientProvider>
      </ServicesProvider>
    </StrictMode>,
  );
}

const root = document.getElementById("root");
if (root && !window.lianzhenUnsupported) start(root);
