import { Icon } from "../../parts/icon.tsx";
import { clock as clockText, length, spokenTime } from "../../words/time.ts";
import { SPEEDS } from "../clock.ts";
import { useReview } from "../review.ts";

interface ControlsProps {
  captions: boolean | null; // null where there are none
  sound: boolean;
  canFull: boolean;
  onCaptions: (on: boolean) => void;
  onFull: () => void;
}

export function Controls({ captions, sound, canFull, onCaptions, onFull }: ControlsProps) {
  const { clock } = useReview();
  const playing = clock.playing.value;
  return (
    <div class="transport">
      <Seek />
      <div class="buttons">
        <button
          type="button"
          class="button icon strong play"
          aria-label={playing ? "Pause" : "Play"}
          title={`${playing ? "Pause" : "Play"} (space)`}
          onClick={() => clock.toggle()}
        >
          <Icon name={playing ? "pause" : "play"} size={22} />
        </button>
        <button
          type="button"
          class="button plain icon"
          aria-label="Back 5 seconds"
          title="Back 5 s (J)"
          onClick={() => clock.by(-5)}
        >
          <Icon name="back" />
        </button>
        <button
          type="button"
          class="button plain icon"
          aria-label="Forward 5 seconds"
          title="Forward 5 s (L)"
          onClick={() => clock.by(5)}
        >
          <Icon name="forward" />
        </button>
        <Time />
        <span class="fill" />
        <label class="speed" title="Speed (S, Shift+S)">
          <span class="unseen">Speed</span>
          <select
            class="field"
            value={String(clock.rate.value)}
            onChange={(event) => clock.setRate(Number(event.currentTarget.value))}
          >
            {SPEEDS.map((speed) => (
              <option key={speed} value={String(speed)}>
                {speed}×
              </option>
            ))}
          </select>
        </label>
        {captions !== null && (
          <button
            type="button"
            class="button plain icon"
            aria-label="Captions"
            aria-pressed={captions}
            title="Captions (C)"
            onClick={() => onCaptions(!captions)}
          >
            <Icon name="captions" />
          </button>
        )}
        {sound && <Volume />}
        {canFull && (
          <button
            type="button"
            class="button plain icon"
            aria-label="Full screen"
            title="Full screen"
            onClick={onFull}
          >
            <Icon name="full" />
          </button>
        )}
      </div>
    </div>
  );
}

function Time() {
  const { clock, duration } = useReview();
  return (
    <span class="time now-time">
      <b>{clockText(clock.second.value)}</b>
      <span class="of"> / {length(duration.value)}</span>
    </span>
  );
}

/** The same position as on the map, for full screen and for thumbs. */
function Seek() {
  const { clock, duration } = useReview();
  const time = clock.second.value;
  const end = duration.value;
  return (
    <input
      class="seek"
      type="range"
      min={0}
      max={end || 1}
      step={1}
      value={time}
      aria-label="Position"
      aria-valuetext={`${spokenTime(time)} of ${spokenTime(end)}`}
      style={{ "--share": end > 0 ? time / end : 0 }}
      onInput={(event) => clock.seek(Number(event.currentTarget.value))}
    />
  );
}

function Volume() {
  const { clock } = useReview();
  const silent = clock.muted.value || clock.volume.value === 0;
  return (
    <span class="volume">
      <button
        type="button"
        class="button plain icon"
        aria-label={silent ? "Sound on" : "Sound off"}
        title={silent ? "Sound on" : "Sound off"}
        onClick={() => clock.setMuted(!silent)}
      >
        <Icon name={silent ? "mute" : "sound"} />
      </button>
      <input
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={silent ? 0 : clock.volume.value}
        aria-label="Volume"
        onInput={(event) => clock.setVolume(Number(event.currentTarget.value))}
      />
    </span>
  );
}
