import { useCallback, useState } from "preact/hooks";
import { attentionTitle } from "prumerge/drawing";
import { AskCard } from "./chat/ask-card.js";
import { FilmStrip } from "./controls/film-strip.js";
import { useIncomingPictures } from "./controls/incoming-pictures.js";
import { ReductionControls } from "./controls/reduction-controls.js";
import { useBudget } from "./controls/use-budget.js";
import { WayChoice } from "./controls/way-choice.js";
import { Header } from "./parts/header.js";
import { Loading } from "./parts/loading.js";
import { ModelNotes, ModelPlace } from "./parts/model-notes.js";
import { ShareBar } from "./parts/share-bar.js";
import { FrameStrip } from "./picture/frame-strip.js";
import { Kinds } from "./picture/kinds.js";
import { PictureCard } from "./picture/picture-card.js";
import { Detail } from "./stage/detail.js";
import { Histogram } from "./stage/histogram.js";
import type { StageLayer } from "./stage/stage-view.js";
import { TokenStrip } from "./stage/token-strip.js";
import { usePointing } from "./state/focus.js";
import { useInspection } from "./state/inspect.js";
import { countsOf } from "./state/picture-counts.js";
import type { Session } from "./state/session.js";
import { useShown } from "./state/shown.js";
import { useSession } from "./state/use-session.js";
import { Explained } from "./words/explained.js";

export function App({ session, onRetry }: { readonly session: Session; onRetry(): void }) {
  const state = useSession(session);
  const { model, pictures, currentId, reduction, way, keyNeeded = false } = state;
  const entry = pictures.find(({ id }) => id === currentId);
  const drawn = useInspection(entry, reduction);
  const { failure, film } = drawn;
  const shown = useShown(entry, drawn);
  const { inspection, whole } = shown;
  const counts = model && countsOf(model, whole);
  // What a model cannot do is said where it matters: at a picture that it does not come with.
  const own = entry !== undefined && entry.questions.length === 0;
  const choice = useBudget(model, counts, reduction, (next) => session.reduce(next));
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
      <Header />
      <main data-dragging={dragging ? "" : undefined}>
        <FilmStrip
          pictures={pictures}
          currentId={currentId}
          onSelect={(id) => session.select(id)}
          onRemove={(id) => session.remove(id)}
          onFile={take}
        />
        <div class="top">
          <PictureCard
            entry={shown.entry}
            inspection={inspection}
            whole={whole}
            strip={
              shown.frames.length > 0 && (
                <FrameStrip frames={shown.frames} at={shown.at} onLook={shown.lookAt} />
              )
            }
            notes={film?.notes ?? []}
            failure={entry?.failure}
            note={failure}
            layer={layer}
            pointing={pointing}
            choice={choice}
            onLayer={setLayer}
            onAgain={onRetry}
          >
            {model === undefined && !keyNeeded && (
              <Loading progress={state.progress} failure={state.failure} onRetry={onRetry} />
            )}
          </PictureCard>
          <AskCard
            state={state}
            entry={entry}
            inspection={whole}
            onAsk={(question) => void session.ask(question)}
            onAgain={() => void session.askAgain()}
            onStop={() => session.stop()}
            onClear={() => session.clearChat()}
            onChoose={(change) => session.choose(change)}
            onRetry={onRetry}
          >
            {model !== undefined && own && <ModelNotes model={model} />}
          </AskCard>
        </div>
        {model !== undefined && (
          <section class="why" aria-labelledby="why">
            <h2 id="why">What is kept, and why</h2>
            <section class="card" aria-label="Reduction">
              <ReductionControls
                model={model}
                choice={choice}
                reduction={reduction}
                onChange={(next) => session.reduce(next)}
              />
              <WayChoice ways={model.ways} way={way} onChange={(next) => session.show(next)} />
            </section>
            {inspection !== undefined && (
              <>
                <section class="card" aria-label={attentionTitle(inspection)}>
                  <h3>{attentionTitle(inspection)}</h3>
                  <Histogram
                    inspection={inspection}
                    pointed={pointed !== undefined && pointed >= 0 ? pointed : undefined}
                  />
                  <p class="hint">
                    How much the vision tower looks at each <Explained word="patch" /> when it sums the
                    picture up. PruMerge keeps those right of the <Explained word="fence" />; other methods
                    choose in their own ways.
                  </p>
                </section>
                <section class="card detail-card" aria-label="Under the pointer">
                  {focused === undefined ? (
                    <Kinds inspection={inspection} />
                  ) : (
                    <Detail inspection={inspection} pointing={pointing} />
                  )}
                </section>
              </>
            )}
          </section>
        )}
        {inspection !== undefined && entry !== undefined && model !== undefined && (
          <section class="card" aria-label="Visual tokens">
            <div class="card-head">
              <h2>What the language model reads</h2>
              <ShareBar
                inspection={inspection}
                entry={entry}
                figure={shown.entry?.blob ?? entry.blob}
                model={model}
                reduction={reduction}
                way={way}
                layer={layer}
              />
            </div>
            <TokenStrip inspection={inspection} url={shown.entry?.url ?? entry.url} pointing={pointing} />
          </section>
        )}
        {model !== undefined && (
          <footer>
            <ModelPlace model={model} />
            {!own && <ModelNotes model={model} />}
          </footer>
        )}
      </main>
    </>
  );
}
