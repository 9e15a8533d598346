import { useId } from "preact/hooks";

interface Props {
  readonly on: boolean;
  onChange(on: boolean): void;
}

/** Whether a kept token weighs in attention what it stands for: the option `sizeBias` of methods whose tokens are means. */
export function SizeBiasChoice({ on, onChange }: Props) {
  const hint = useId();
  return (
    <div class="field">
      <label class="check">
        <input
          type="checkbox"
          checked={on}
          aria-describedby={hint}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        Tokens weigh what they stand for
      </label>
      <p id={hint} class="hint">
        A token made of twenty patches gets the attention of twenty (sizeBias).
      </p>
    </div>
  );
}
