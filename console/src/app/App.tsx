import { createTheme, MantineProvider } from "@mantine/core";
import { useMemo } from "react";
import { Provider } from "urql";
import { Router } from "wouter";

import { connect } from "../graph/client";
import { Keys } from "../keys/keys";
import { Pool } from "../session/cognito";
import type { Config } from "../session/config";
import { DoorsContext, useDoors, useSession } from "../session/context";
import { Login } from "../session/Login";
import { SessionStore } from "../session/store";
import { Shell } from "./Shell";

const theme = createTheme({
  components: {
    Button: { defaultProps: { size: "xs", radius: "sm" } },
    TextInput: { defaultProps: { size: "sm", radius: "sm" } },
    PasswordInput: { defaultProps: { size: "sm", radius: "sm" } },
    Textarea: { defaultProps: { size: "sm", radius: "sm" } },
    NativeSelect: { defaultProps: { size: "xs", radius: "sm" } },
    Modal: { defaultProps: { radius: "md", centered: true, removeScrollProps: { removeScrollBar: false } } },
    Tooltip: { defaultProps: { withArrow: true } },
  },
});

/** No style element is written at run time: the page's policy lets in style sheets of its own origin only. */
export function App({ config }: { readonly config: Config }) {
  const doors = useMemo(() => ({ pool: new Pool(config), store: new SessionStore(window.sessionStorage) }), [config]);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <DoorsContext value={doors}>
        <Router base="/console">
          <Keys>
            <Pages graph={config.graph} />
          </Keys>
        </Router>
      </DoorsContext>
    </MantineProvider>
  );
}

/** A client for each person: what one has read is never shown to the next. */
function Pages({ graph }: { readonly graph: string }) {
  const { pool, store } = useDoors();
  const sub = useSession()?.sub;
  const client = useMemo(
    () => (sub === undefined ? undefined : connect(graph, pool, store)),
    [graph, pool, store, sub],
  );
  if (!client) return <Login />;
  return (
    <Provider value={client}>
      <Shell />
    </Provider>
  );
}
