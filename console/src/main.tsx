import "@mantine/core/styles/baseline.css";
import "@mantine/core/styles/default-css-variables.css";
import "@mantine/core/styles/global.css";
import "@mantine/core/styles.css";
import "@xyflow/react/dist/style.css";
import "./app/theme.css";
import "./app/layout.css";
import "./journey/journey.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { loadConfig } from "./session/config";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");

loadConfig().then(
  (config) =>
    createRoot(root).render(
      <StrictMode>
        <App config={config} />
      </StrictMode>,
    ),
  (error: unknown) => {
    root.textContent = `The console does not know where its bank is. ${String(error)}`;
  },
);
