import { render } from "preact";
import { openBackend } from "#backend";
import { App } from "./app.js";
import { Session } from "./state/session.js";
import "./style/base.css";
import "./style/layout.css";
import "./style/stage.css";
import "./style/chat.css";
import "./style/film.css";

const session = new Session();
void session.open(openBackend);
render(
  <App session={session} onRetry={() => void session.retry(openBackend)} />,
  document.getElementById("app")!,
);
