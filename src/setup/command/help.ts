/** `npm run setup -- --help`, at most 80 columns wide. */
export const HELP = `npm run setup -- [flags]

Leads from an account at Meta and a login at Cloudflare to a deployment that has
sent a code. Run it again at any time: it does what is missing.

Secrets come from a hidden question, a variable or a file, never from a flag:
  WHATSAPP_ACCESS_TOKEN, --token-file       the system user's token
  WHATSAPP_APP_SECRET, --app-secret-file    App dashboard, App settings, Basic
  ADMIN_KEY                                 of a deployment that exists

  --yes                    ask nothing; take flags, variables and defaults
  --phone-number-id ID     which number, if there are several
  --business-account-id ID which WhatsApp account, if Meta does not say
  --languages en_US,id     languages of the templates
  --test-to +49151…        your own phone, for a test code
  --domain HOST            a domain of your Cloudflare zones, not workers.dev
  --url URL                continue with a deployment that exists there
  --webhook app|waba       where another project has the app's webhook: take it
                           over, or redirect only this account's messages
  --replace                overwrite other ids in wrangler.toml
  --temporary-token        accept a token that ends
  --new-admin-key          make another admin key
  --remove                 say what would be removed at Meta; with --yes, do it

Exit codes: 0 ready, 3 limited or trial, 1 failed, 2 wrong usage.`;
