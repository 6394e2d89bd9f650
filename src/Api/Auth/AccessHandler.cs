using Microsoft.AspNetCore.Authorization;

namespace SessionManager.Api.Auth;

/// <summary>Asks the route's <see cref="Access"/> and keeps its reason for the answer.</summary>
sealed class AccessHandler : AuthorizationHandler<Access>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, Access requirement)
    {
        if (context.Resource is not HttpContext http || http.Features.Get<Caller>() is not { } caller)
            return Task.CompletedTask;
        if (requirement.Judge(caller) is { } refusal)
            http.Features.Set(refusal);
        else
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
