using SessionManager.Api.Hosting;
using SessionManager.Hosting;

return await SessionManagerHost.Run(args, ApiServer.AddServices, ApiServer.UsePipeline);
