import { Button, Group, Modal, Textarea } from "@mantine/core";
import { useState, type ReactNode } from "react";

import type { Refusal } from "../graph/refusals";
import { Refused } from "./parts";

/** Asks for one text, such as a reason, and sends it. */
export function Ask(props: {
  readonly title: string;
  readonly label: string;
  readonly hint: string;
  readonly send: string;
  readonly color?: string;
  readonly lengthMin: number;
  readonly lengthMax: number;
  readonly initial?: string;
  readonly isBusy: boolean;
  readonly refusal: Refusal | undefined;
  readonly children?: ReactNode;
  /** Whether it went through; the dialogue then closes. */
  readonly onSend: (text: string) => Promise<boolean>;
  readonly onClose: () => void;
}) {
  const [text, setText] = useState(props.initial ?? "");
  const length = text.trim().length;
  const fits = length >= props.lengthMin && length <= props.lengthMax;
  const send = async () => {
    if (fits && !props.isBusy && (await props.onSend(text.trim()))) props.onClose();
  };
  return (
    <Modal opened onClose={props.onClose} title={props.title} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        {props.children}
        <Textarea
          data-autofocus
          autosize
          minRows={3}
          maxRows={12}
          label={props.label}
          description={props.hint}
          value={text}
          maxLength={props.lengthMax}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
          }}
        />
        <Refused refusal={props.refusal} />
        <Group justify="space-between" mt="sm">
          <span className="muted small" aria-live="polite">
            {length < props.lengthMin && props.lengthMin > 1
              ? `at least ${props.lengthMin} characters, ${props.lengthMin - length} more`
              : "Ctrl + Enter sends"}
          </span>
          <Group gap="xs">
            <Button variant="default" onClick={props.onClose}>
              Cancel
            </Button>
            <Button type="submit" color={props.color ?? "blue"} disabled={!fits} loading={props.isBusy}>
              {props.send}
            </Button>
          </Group>
        </Group>
      </form>
    </Modal>
  );
}
