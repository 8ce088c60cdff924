import { Kbd, Modal } from "@mantine/core";

import type { Shortcut } from "./keys";

/** What each key does on this page. */
export function Help({
  shortcuts,
  onClose,
}: {
  readonly shortcuts: readonly Shortcut[];
  readonly onClose: () => void;
}) {
  return (
    <Modal opened onClose={onClose} title="Keys on this page" closeButtonProps={{ "aria-label": "Close" }}>
      <dl className="shortcuts">
        {shortcuts.map((it) => (
          <div key={it.keys}>
            <dt>
              {it.keys.split(" ").map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{it.does}</dd>
          </div>
        ))}
        <div>
          <dt>
            <Kbd>Tab</Kbd> <Kbd>Esc</Kbd>
          </dt>
          <dd>moves the focus; closes a dialogue</dd>
        </div>
      </dl>
    </Modal>
  );
}
