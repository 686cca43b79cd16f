import { mount } from 'svelte';
import './app.css';
import { connectBridge } from './bridge';
import App from './screens/App.svelte';
import { Desk } from './state/desk.svelte';

mount(App, { target: document.getElementById('app')!, props: { desk: new Desk(connectBridge()) } });
