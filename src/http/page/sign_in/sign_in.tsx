import type { FC } from "hono/jsx";
import { Layout } from "../frame/layout.tsx";
import type { View } from "../frame/view.ts";

interface SignInProps {
  view: View;
  /** Where to go on to: a path of the page. */
  next: string;
  /** Why it did not work; null before the first try. */
  problem: string | null;
}

export const SignInPage: FC<SignInProps> = ({ view, next, problem }) => (
  <Layout view={view} title="Sign in" screen={null}>
    <form class="card sign-in" method="post" action={`${view.base}/sign-in`}>
      {problem !== null && <p class="notice bad" role="alert">{problem}</p>}
      <input type="hidden" name="next" value={next} />
      {/* Without a name password managers do not know whose token it is. */}
      <input type="text" autocomplete="username" value="plexsync" hidden readonly />
      <label for="token">Token</label>
      <input
        id="token"
        name="token"
        type="password"
        autocomplete="current-password"
        aria-describedby="token-help"
        required
        autofocus
      />
      <p id="token-help" class="faint">
        It is the setting <code>listen_token</code>, or stands in the file <code>listen-token</code>
        {" "}
        of the data directory. <code>plexsync page</code> prints a link that signs in without it.
      </p>
      <button type="submit">Sign in</button>
    </form>
  </Layout>
);
