// Ory Kratos: the body of courier.channels[].request_config. `ctx` has the message; what a template lacks is null.
function(ctx) {
  recipient: ctx.recipient,
  template_type: ctx.template_type,
  template_data: if std.objectHas(ctx, 'template_data') then ctx.template_data else null,
  body: ctx.body,
}
