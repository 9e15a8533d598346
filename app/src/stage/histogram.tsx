import { memo } from "preact/compat";
import { attentionName, histogram, type Inspection, weight } from "prumerge/drawing";

const width = 340;
const height = 132;
const floor = height - 34;
const top = 16;

/** The attention of all patches, with the interquartile range below and its fence across. */
export const Histogram = memo(
  ({ inspection, pointed }: { readonly inspection: Inspection; readonly pointed: number | undefined }) => {
    const { levels, shownLevels, outliers } = inspection;
    if (levels === undefined || shownLevels === undefined || outliers === undefined) return null;
    const name = attentionName(inspection);
    const bars = histogram(shownLevels, 48);
    const most = Math.max(...bars.map(({ count }) => count));
    const ends = [bars[0]!.from, bars.at(-1)!.to, outliers.fence].filter((value) => value > 0).map(Math.log);
    const [low, high] = [Math.min(...ends), Math.max(...ends, Math.min(...ends) + 1e-3)];
    const x = (value: number) => {
      const share = value > 0 ? (Math.log(value) - low) / (high - low) : 0;
      return 4 + Math.min(1, Math.max(0, share)) * (width - 8);
    };
    const [from, to, fence] = [outliers.firstQuartile, outliers.thirdQuartile, outliers.fence].map(x);
    const late = fence! > width * 0.62;
    return (
      <figure class="histogram">
        <svg
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`Histogram of ${name}: the middle half lies between ${weight(outliers.firstQuartile)} and ${weight(outliers.thirdQuartile)}, the fence at ${weight(outliers.fence)}, ${outliers.outliers} of ${shownLevels.length} patches above it`}
        >
          {bars.map(({ from: start, to: end, count }) => (
            <rect
              key={start}
              class={Math.sqrt(start * end) > outliers.fence ? "bar above" : "bar"}
              x={x(start)}
              width={Math.max(2, x(end) - x(start) - 1)}
              y={floor - Math.max(count === 0 ? 0 : 1.5, (count / most) * (floor - top))}
              height={Math.max(count === 0 ? 0 : 1.5, (count / most) * (floor - top))}
              rx="1"
            />
          ))}
          <path class="axis" d={`M0 ${floor + 0.5}H${width}`} />
          <rect class="box" x={from} y={floor + 5} width={Math.max(1, to! - from!)} height="9" rx="2.5" />
          <path class="whisker" d={`M${to} ${floor + 9.5}H${fence}M${fence} ${floor + 5}v9`} />
          <path class="fence" d={`M${fence} ${top - 8}V${floor}`} />
          <text class="fence-name" x={fence! + (late ? -6 : 6)} y={top} text-anchor={late ? "end" : "start"}>
            fence {weight(outliers.fence)}
          </text>
          {pointed !== undefined && (
            <path class="needle" d={`M${x(levels[pointed]!)} ${floor + 1}l-5 9h10z`} />
          )}
          <text class="caption" x="2" y={height - 4}>
            {weight(Math.exp(low))}
          </text>
          <text class="caption" x={width - 2} y={height - 4} text-anchor="end">
            {weight(Math.exp(high))}
          </text>
          <text class="caption" x={width / 2} y={height - 4} text-anchor="middle">
            {name}, logarithmic
          </text>
        </svg>
        <figcaption>
          The box is the middle half of the patches. {outliers.outliers} of {shownLevels.length} lie above the
          fence, Q3 + {iqrFactor(inspection)} IQR.
        </figcaption>
      </figure>
    );
  },
);

function iqrFactor({ options }: Inspection): number {
  return typeof options.iqrFactor === "number" ? options.iqrFactor : 1.5;
}
