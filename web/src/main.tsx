import { render } from "preact";
import { App } from "./app/app.tsx";
import { startKeymap } from "./app/keymap.ts";
import { startRouter } from "./app/router.ts";
import { startTheme } from "./app/theme.ts";
import "./style/index.css";

startTheme();
startRouter();
startKeymap();
const root = document.getElementById("app");
if (root) render(<App />, root);
