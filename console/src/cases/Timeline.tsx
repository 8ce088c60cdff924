import { Button } from "@mantine/core";
import { useState } from "react";

import { RevealTextDocument, type ReviewCaseFragment } from "../graph/generated";
import { useCommand } from "../graph/hooks";
import { useIsIn, useStaff } from "../session/context";
import { Ask } from "../ui/Ask";
import { Person } from "../ui/Person";
import { Panel, WordChip } from "../ui/parts";
import { clock, day } from "../ui/time";
import { EVENT } from "../ui/words";

type Event = ReviewCaseFragment["timeline"][number];

/** Everything that happened, the newest first. What was written is shown only for a reason. */
export function Timeline({ review }: { readonly review: ReviewCaseFragment }) {
  const mayRead = useIsIn("COMPLIANCE");
  const [texts, setTexts] = useState<ReadonlyMap<string, string>>(new Map());
  const [asked, setAsked] = useState<string>();
  const [reason, setReason] = useState("");
  const reveal = useCommand(RevealTextDocument);
  const newestFirst = review.timeline.map((event, index) => ({ event, index })).reverse();

  const read = async (textId: string, why: string) => {
    setReason(why);
    const done = await reveal.run({ reviewId: review.id, textId, reason: why });
    const text = done?.backOffice.revealText.text;
    if (text === undefined) return false;
    setTexts(new Map([...texts, [textId, text]]));
    return true;
  };
  const latest = review.timeline.at(-1);

  return (
    <Panel
      title="Timeline"
      aside={
        <span className="muted small">
          {review.timeline.length === 1 ? "1 entry" : `${review.timeline.length} entries, newest first`}
        </span>
      }
    >
      <p className="hidden" role="status">
        {latest ? `Latest: ${EVENT[latest.kind].text}` : ""}
      </p>
      <ol className="timeline">
        {newestFirst.map(({ event, index }) => (
          <Entry
            key={index}
            event={event}
            isNewDay={
              index === review.timeline.length - 1 || day(event.at) !== day(review.timeline[index + 1]?.at ?? "")
            }
            text={event.textId === null ? undefined : texts.get(event.textId)}
            onRead={mayRead && event.textId !== null ? () => setAsked(event.textId ?? undefined) : undefined}
            onHide={() => setTexts(new Map([...texts].filter(([id]) => id !== event.textId)))}
          />
        ))}
      </ol>
      {asked === undefined ? null : (
        <Ask
          title="Read what was written"
          label="Why do you have to read it?"
          hint="10 to 500 characters, for auditors. Nothing personal belongs here."
          send="Read"
          lengthMin={10}
          lengthMax={500}
          initial={reason}
          isBusy={reveal.isBusy}
          refusal={reveal.refusal}
          onSend={(why) => read(asked, why)}
          onClose={() => {
            setAsked(undefined);
            reveal.forget();
          }}
        />
      )}
    </Panel>
  );
}

function Entry(props: {
  readonly event: Event;
  readonly isNewDay: boolean;
  readonly text: string | undefined;
  readonly onRead: (() => void) | undefined;
  readonly onHide: () => void;
}) {
  const me = useStaff();
  const { event } = props;
  const what = EVENT[event.kind];
  return (
    <li className={`entry entry-${what.tone}`}>
      {props.isNewDay ? <p className="entry-day">{day(event.at)}</p> : null}
      <div className="entry-line">
        <time dateTime={event.at} className="entry-time">
          {clock(event.at)}
        </time>
        <WordChip word={what} />
        <span className="entry-who">
          by <Person id={event.actor} />
          {event.assignee === null || event.assignee === event.actor ? null : (
            <>
              {" "}
              to <Person id={event.assignee} />
            </>
          )}
          {event.assignee === event.actor ? (event.actor === me.id ? " to yourself" : " to themselves") : null}
        </span>
        {event.hasText && props.text === undefined ? <Sealed onRead={props.onRead} /> : null}
      </div>
      {props.text === undefined ? null : (
        <blockquote className="entry-text">
          {props.text}
          <Button variant="subtle" size="compact-xs" onClick={props.onHide}>
            Hide
          </Button>
        </blockquote>
      )}
    </li>
  );
}

/** A text that is kept in the vault. */
function Sealed({ onRead }: { readonly onRead: (() => void) | undefined }) {
  if (!onRead) return <span className="muted small push">sealed</span>;
  return (
    <Button className="push" variant="default" size="compact-xs" onClick={onRead}>
      Read …
    </Button>
  );
}
