using SessionManager.Hosting;

return await SessionManagerHost.Run([.. args, "--Cluster:Role=Silo"], SiloServer.AddServices, SiloServer.UsePipeline);
