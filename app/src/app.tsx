import { useCallback, useState } from "preact/hooks";
import { attentionTitle } from "prumerge/drawing";
import { Chat } from "./chat/chat.js";
import { Composer } from "./chat/composer.js";
import { FilmStrip } from "./controls/film-strip.js";
import { useIncomingPictures } from "./controls/incoming-pictures.js";
import { LayerPicker } from "./controls/layer-picker.js";
import { ReductionControls } from "./controls/reduction-controls.js";
import { Summary } from "./controls/summary.js";
import { Header } from "./parts/header.js";
import { Loading } from "./parts/loading.js";
import { ShareBar } from "./parts/share-bar.js";
import { Detail } from "./stage/detail.js";
import { Histogram } from "./stage/histogram.js";
import { Legend } from "./stage/legend.js";
import { type StageLayer, StageView } from "./stage/stage-view.js";
import { TokenStrip } from "./stage/token-strip.js";
import { usePointing } from "./state/focus.js";
import { useInspection } from "./state/inspect.js";
import type { Session } from "./state/session.js";
import { useSession } from "./state/use-session.js";

export function App({ session, onRetry }: { readonly session: Session; onRetry(): void }) {
  const state = useSession(session);
  const { model, pictures, currentId, reduction, busy, compare, followUp } = state;
  const entry = pictures.find(({ id }) => id === currentId);
  const { inspection, failure } = useInspection(entry, reduction, model);
  const pointing = usePointing(inspection);
  const [layer, setLayer] = useState<StageLayer>("kept");
  const take = useCallback((file: File) => session.add(file, file.name), [session]);
  const dragging = useIncomingPictures(take);
  const focused = pointing.focus;
  const pointed =
    focused === undefined || inspection === undefined
      ? undefined
      : focused.kind === "patch"
        ? focused.patch
        : inspection.rows[focused.row]!.keptPatch;
  return (
    <>
      <Header model={model} />
      <main data-dragging={dragging ? "" : undefined}>
        {model === undefined && (
          <Loading
            progress={state.progress}
            failure={state.failure}
            keyNeeded={state.keyNeeded ?? false}
            onRetry={onRetry}
          />
        )}
        <FilmStrip
          pictures={pictures}
          currentId={currentId}
          onSelect={(id) => session.select(id)}
          onFile={take}
        />
        {model?.notes.map((note) => (
          <p key={note} class="hint model-note">
            {note}
          </p>
        ))}
        <div class="work">
          <section class="card picture" aria-label="Picture">
            <div class="card-head">
              <h2>What is kept</h2>
              <LayerPicker layer={layer} onChange={setLayer} />
            </div>
            {inspection !== undefined && entry !== undefined ? (
              <StageView inspection={inspection} url={entry.url} layer={layer} pointing={pointing} />
            ) : (
              <Waiting url={entry?.url} name={entry?.name} failure={entry?.failure ?? failure} />
            )}
            {inspection !== undefined && <Legend inspection={inspection} layer={layer} />}
          </section>
          {inspection !== undefined && (
            <section class="card detail-card" aria-label="Under the pointer">
              <Detail inspection={inspection} pointing={pointing} />
            </section>
          )}
          <div class="side">
            <section class="card" aria-label="Reduction">
              {model === undefined ? (
                <p class="hint">The controls come with the model.</p>
              ) : (
                <>
                  {inspection !== undefined && <Summary inspection={inspection} />}
                  <ReductionControls
                    model={model}
                    reduction={reduction}
                    onChange={(next) => session.reduce(next)}
                  />
                </>
              )}
            </section>
            {inspection !== undefined && (
              <section class="card" aria-label={attentionTitle(inspection)}>
                <h2>{attentionTitle(inspection)}</h2>
                <Histogram
                  inspection={inspection}
                  pointed={pointed !== undefined && pointed >= 0 ? pointed : undefined}
                />
              </section>
            )}
          </div>
        </div>
        {inspection !== undefined && entry !== undefined && model !== undefined && (
          <section class="card" aria-label="Visual tokens">
            <div class="card-head">
              <h2>What the language model reads</h2>
              <ShareBar
                inspection={inspection}
                entry={entry}
                model={model}
                reduction={reduction}
                layer={layer}
              />
            </div>
            <TokenStrip inspection={inspection} url={entry.url} pointing={pointing} />
          </section>
        )}
        <section class="card chat" aria-label="Questions and answers">
          <h2>Ask</h2>
          {entry !== undefined && model !== undefined && (
            <Chat
              entry={entry}
              unreducedTokens={model.unreducedTokens}
              busy={busy}
              onClear={() => session.clearChat()}
            />
          )}
          <Composer
            entry={entry}
            ready={inspection !== undefined}
            busy={busy}
            compare={compare}
            followUp={followUp}
            unreducedTokens={model?.unreducedTokens ?? 576}
            onAsk={(question) => void session.ask(question)}
            onStop={() => session.stop()}
            onChoose={(change) => session.choose(change)}
          />
        </section>
      </main>
    </>
  );
}

function Waiting(props: {
  readonly url: string | undefined;
  readonly name: string | undefined;
  readonly failure: string | undefined;
}) {
  const { url, name, failure } = props;
  if (failure !== undefined) {
    return (
      <p class="notice failure" role="alert">
        {failure}
      </p>
    );
  }
  return (
    <div class="waiting" aria-busy="true">
      {url === undefined ? (
        <p class="hint">Drop, paste or choose a picture.</p>
      ) : (
        <img src={url} alt={name} />
      )}
    </div>
  );
}
